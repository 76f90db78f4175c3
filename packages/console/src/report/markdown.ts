import { escapeUnprintable } from '@tetragon-ts/api'

// Names are chosen by attackers. Every value of a report is in a code span or a code block: there
// no renderer of Markdown looks for markup, HTML, links, mentions or images.

/** Longest value, in characters. */
const valueMax = 512
/** What stands for a value that is empty. */
const none = '–'

/** A value in a paragraph or a list, on one line. */
export function code(value: string, max = valueMax): string {
  return value === '' ? none : codeSpan(visible(value, max))
}

/**
 * A value in a table. Tables are split into cells before code spans are looked for, and renderers
 * do not agree on backslashes before an escaped bar: there the bar is an escape sequence.
 */
export function cellCode(value: string, max = valueMax): string {
  if (value === '') return none
  const escaped = visible(value, max).replace(/\\?\|/g, (bar) => (bar === '|' ? '\\|' : '\\\\x7c'))
  return codeSpan(escaped)
}

/** A text of several lines, such as a note. */
export function codeBlock(text: string): string {
  const lines = text.split(/\r?\n/).map(escapeUnprintable)
  const fence = '`'.repeat(Math.max(3, longestRun(text) + 1))
  return [fence, ...lines, fence].join('\n')
}

/** @param rows cells of {@link cellCode}, or own text without bars */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heads, heads.map(() => '---'), ...rows].map(rowText).join('\n')
}

function rowText(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** On one line, with everything visible that would not be. */
function visible(value: string, max: number): string {
  return escapeUnprintable(value.length > max ? `${value.slice(0, max)}…` : value)
}

/** The fence is longer than all runs of backticks in it. Blanks at both ends would be removed. */
function codeSpan(text: string): string {
  const fence = '`'.repeat(longestRun(text) + 1)
  const isStripped = text.startsWith(' ') && text.endsWith(' ') && /[^ ]/.test(text)
  const needsBlanks = isStripped || text.startsWith('`') || text.endsWith('`')
  return needsBlanks ? `${fence} ${text} ${fence}` : `${fence}${text}${fence}`
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map(({ length }) => length))
}
