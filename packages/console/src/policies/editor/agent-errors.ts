import type { Finding } from '../../checker/results.ts'

/** A line of an error text: `policy:3:5: error: …`. */
const form = /(?:^|[\s:])[^\s:]+:(\d+):(\d+): (error|warning): (.*)$/

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
