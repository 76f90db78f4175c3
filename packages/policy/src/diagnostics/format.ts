import type { Diagnostic } from './diagnostic.ts'

/** What is shown of a diagnostic; those of rules have other codes. */
export type ShownDiagnostic = Omit<Diagnostic, 'code'>

/** Maximum number of allowed values that are listed. */
const listed = 12

/** `; allowed: a, b` and `; did you mean "a"?`, if available. */
function hints({ allowed, suggestion }: ShownDiagnostic): string {
  let text = ''
  if (allowed !== undefined && allowed.length > 0 && allowed.length <= listed) {
    text += `; allowed: ${allowed.map((value) => (value === '' ? '""' : value)).join(', ')}`
  }
  if (suggestion !== undefined) text += `; did you mean ${JSON.stringify(suggestion)}?`
  return text
}

/** Policies may be untrusted: they must not control the terminal. */
function printable(text: string): string {
  return text.replace(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/g, '\ufffd')
}

/** Longer lines are shown around the position. */
const longestLine = 200

/** The line and a caret below the position; the blanks before it repeat the tabs of the line. */
function excerpt(line: string, column: number): string {
  const begin = line.length <= longestLine ? 0 : Math.max(column - 1 - longestLine / 2, 0)
  const shown = printable(line.slice(begin, begin + longestLine))
  const before = shown.slice(0, column - 1 - begin).replace(/[^\t]/g, ' ')
  return `  ${shown}\n  ${before}^`
}

/**
 * Formats a diagnostic like a compiler: `file:line:column: error: message (path)`. If the text of
 * the file is given, the line and a caret follow. Objects of the API have no lines.
 */
export function formatDiagnostic(diagnostic: ShownDiagnostic, text?: string): string {
  return withLine(diagnostic, text?.split(/\r?\n/, diagnostic.line)[diagnostic.line - 1])
}

/** The same for several diagnostics: the text is split into lines once. */
export function formatDiagnostics(diagnostics: readonly ShownDiagnostic[], text: string): string {
  const lines = diagnostics.length === 0 ? [] : text.split(/\r?\n/)
  return diagnostics.map((each) => withLine(each, lines[each.line - 1])).join('\n')
}

function withLine(diagnostic: ShownDiagnostic, source: string | undefined): string {
  const { file, line, column, severity, message, path } = diagnostic
  const where = path === '' ? '' : ` (${path})`
  const text = printable(`${message}${hints(diagnostic)}${where}`)
  const position = line === 0 ? file : `${file}:${line}:${column}`
  const head = `${position}: ${severity}: ${text}`
  return source === undefined ? head : `${head}\n${excerpt(source, column)}`
}
