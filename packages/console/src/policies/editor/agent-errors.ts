import type { Finding } from '../../checker/results.ts'

/** A line of an error text: `policy:3:5: error: …`. */
const form = /(?:^|[\s:])[^\s:]+:(\d+):(\d+): (error|warning): (.*)$/

/**
 * The error about a text that was sent, with the positions of the text that it was made of: mode
 * monitor adds lines.
 */
export function withPositionsOf(text: string, sent: string, error: string): string {
  const [own, other] = [text.split('\n'), sent.split('\n')]
  const added = other.length - own.length
  const first = other.findIndex((line, i) => line !== own[i])
  if (added === 0 || first < 0) return error
  const lineOf = (line: number): number => (line <= first ? line : Math.max(1, first, line - added))
  return error
    .split('\n')
    .map((line) => {
      const [, row, column] = form.exec(line) ?? []
      if (row === undefined) return line
      return line.replace(`:${row}:${column}: `, `:${lineOf(Number(row))}:${column}: `)
    })
    .join('\n')
}

/** Errors of an agent about a policy that it has refused, with their positions. */
export function agentFindings(error: string): Finding[] {
  return error.split('\n').flatMap((line): Finding[] => {
    const [, row, column, severity, text] = form.exec(line) ?? []
    if (text === undefined) return []
    const isWarning = severity === 'warning'
    return [
      {
        severity: isWarning ? 'warning' : 'error',
        line: Number(row),
        column: Number(column),
        text,
      },
    ]
  })
}
