import { markdownTable } from '../../markdown-table.ts'
import type { BenignResult } from '../coverage.ts'

/** What ordinary work was taken for. */
export function benignSection(results: readonly BenignResult[]): string {
  return results.map(section).join('')
}

function section({ kernel, minutes, work, findings }: BenignResult): string {
  const perHour = (level: string): string => {
    const count = findings.filter((each) => each.level === level)
    return rate(
      count.reduce((sum, each) => sum + each.count, 0),
      minutes,
    )
  }
  const levels = ['critical', 'high', 'medium', 'low']
  const done = work.map(({ name, times }) => `${name} (${times})`).join(', ')
  const rows = findings.map(({ title, level, count, example }) => [
    ...[title, level, String(count), rate(count, minutes)],
    `\`${example}\``,
  ])
  const table = markdownTable(['rule', 'level', 'findings', 'per hour', 'first command'], rows)
  return `
## Ordinary work on Linux ${kernel}

${minutes} minutes of ordinary work: ${done}. Repeated findings are folded, as the agent does.

${markdownTable(
  ['level', 'findings per hour'],
  levels.map((each) => [each, perHour(each)]),
)}
${findings.length === 0 ? '' : table}`
}

function rate(count: number, minutes: number): string {
  return (Math.round((count * 600) / minutes) / 10).toString()
}
