// Source maps in sections: one for each range of lines from the same source, readable without those
// before it. A program that needs the position of a few lines decodes a few sections. (ECMA-426,
// index map.)

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** The numbers of a segment, each relative to the same one of an earlier segment. */
function decode(segment) {
  const numbers = []
  let value = 0
  let shift = 0
  for (const character of segment) {
    const digit = digits.indexOf(character)
    value |= (digit & 31) << shift
    shift += 5
    if (digit & 32) continue
    numbers.push(value & 1 ? -(value >>> 1) : value >>> 1)
    value = 0
    shift = 0
  }
  return numbers
}

function encode(numbers) {
  let text = ''
  for (const number of numbers) {
    let rest = number < 0 ? (-number << 1) | 1 : number << 1
    do {
      text += digits[(rest & 31) | (rest > 31 ? 32 : 0)]
      rest >>>= 5
    } while (rest > 0)
  }
  return text
}

/**
 * The map as one with sections, without names.
 * @param text JSON of a map, version 3, without sections
 */
export function indexMap(text) {
  const { sources, mappings } = JSON.parse(text)
  const sections = []
  let source = 0
  let line = 0
  let column = 0
  let last
  for (const [generatedLine, segments] of mappings.split(';').entries()) {
    let generatedColumn = 0
    // End of the section, and target of its last segment, for the following segments.
    let written = { generatedColumn: 0 }
    for (const segment of segments === '' ? [] : segments.split(',')) {
      const [columns, sourceDelta, lineDelta, columnDelta] = decode(segment)
      generatedColumn += columns
      if (sourceDelta === undefined) continue
      source += sourceDelta
      line += lineDelta
      column += columnDelta
      if (last?.source !== source) {
        const offset = { line: generatedLine, column: generatedColumn }
        last = { source, offset, lines: [], line: 0, column: 0 }
        sections.push(last)
        written = { generatedColumn }
      }
      const at = generatedLine - last.offset.line
      const numbers = [generatedColumn - written.generatedColumn, 0]
      last.lines[at] ??= []
      last.lines[at].push(encode([...numbers, line - last.line, column - last.column]))
      Object.assign(last, { line, column })
      written = { generatedColumn }
    }
  }
  return JSON.stringify({
    version: 3,
    sections: sections.map(({ offset, source: index, lines }) => {
      const joined = Array.from(lines, (segments) => (segments ?? []).join(',')).join(';')
      return { offset, map: { version: 3, sources: [sources[index]], names: [], mappings: joined } }
    }),
  })
}
