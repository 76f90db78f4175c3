/** An error of a policy, for its status. */
export interface PolicyErrorLine {
  /** Path in the policy; empty for an error of the whole policy. */
  readonly path: string
  readonly message: string
}

const separator = ': error: '
const withPath = /^(.*) \(((?:spec|metadata|apiVersion|kind)\b[^()]*)\)$/

/**
 * The errors in a text for users, such as that of `tetra tracingpolicy list`: those of the lines
 * that `formatDiagnostic` has written, or else the whole text.
 */
export function errorLines(text: string): PolicyErrorLine[] {
  const lines = text.split('\n').filter((line) => line.includes(separator))
  if (lines.length === 0) return [{ path: '', message: text.trim() }]
  return lines.map((line) => {
    const problem = line.slice(line.indexOf(separator) + separator.length)
    const [, message = problem, path = ''] = withPath.exec(problem) ?? []
    return { path, message }
  })
}
