import assert from 'node:assert/strict'

/** A line or a cell: own text with `V` for each code span, and the contents of these. */
export interface ReadText {
  readonly shape: string
  readonly values: readonly string[]
}

/** Own text of reports: nothing that any renderer of Markdown takes for markup. */
const ownText = /^[\p{L}\p{N} .,:;()–#+-]*$/u

/**
 * Reads code spans as CommonMark has them.
 * @throws AssertionError if there is other markup, or what could be some
 */
export function readInline(text: string): ReadText {
  const values: string[] = []
  let shape = ''
  for (let rest = text; rest !== ''; ) {
    const start = /`+/.exec(rest)
    const own = start === null ? rest : rest.slice(0, start.index)
    assert.match(own, ownText)
    shape += own
    if (start === null) break
    const [fence] = start
    const after = rest.slice(start.index + fence.length)
    const end = [...after.matchAll(/`+/g)].find(([run]) => run.length === fence.length)
    assert.ok(end !== undefined, `no end of a code span: ${text}`)
    const inside = after.slice(0, end.index)
    const isPadded = /^ .*[^ ].* $/.test(inside)
    values.push(isPadded ? inside.slice(1, -1) : inside)
    shape += 'V'
    rest = after.slice(end.index + fence.length)
  }
  return { shape, values }
}

/** The cells of a row: renderers do not agree on backslashes before a bar. */
const rowReaders: readonly ((row: string) => string[])[] = [
  // A backslash before a bar, as in markdown-it.
  (row) => row.split(/(?<!\\)\|/).map((cell) => cell.replaceAll('\\|', '|')),
  // An odd number of backslashes before a bar, as in marked.
  (row) => row.split(/(?<=(?<!\\)(?:\\\\)*)\|/).map((cell) => cell.replaceAll('\\|', '|')),
  // Pairs of a backslash and any character from the left, as in cmark-gfm.
  (row) =>
    row
      .replace(/\\.|\|/g, (part) => (part === '|' ? '\0' : part))
      .split('\0')
      .map((cell) => cell.replaceAll('\\|', '|')),
]

/** Reads a row of a table. @throws AssertionError if renderers do not agree on it */
export function readRow(row: string): ReadText[] {
  assert.ok(row.startsWith('| ') && row.endsWith(' |'))
  const [cells, ...others] = rowReaders.map((read) => read(row).slice(1, -1))
  for (const other of others) assert.deepEqual(other, cells)
  return cells.map((cell) => readInline(cell.trim()))
}

/**
 * The lines of a report, with `V` for each value and `B` for each block.
 * @throws AssertionError if it has other markup than headings, lists, tables and code
 */
export function readReport(text: string): { readonly shape: string; readonly values: string[] } {
  const values: string[] = []
  const shapes: string[] = []
  let fence = ''
  for (const line of text.split(/\r\n|[\r\n]/)) {
    if (fence !== '') {
      if (new RegExp(`^ {0,3}${fence}\`* *$`).test(line)) fence = ''
      else values.push(line)
      continue
    }
    const [opened] = /^```+$/.exec(line) ?? []
    if (opened !== undefined) {
      fence = opened
      shapes.push('B')
      continue
    }
    const read = line.startsWith('|') ? readRow(line) : [readInline(line)]
    values.push(...read.flatMap((each) => each.values))
    shapes.push(read.map(({ shape }) => shape).join(' | '))
  }
  assert.equal(fence, '')
  return { shape: shapes.join('\n'), values }
}
