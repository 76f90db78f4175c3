import { markdownTable } from '../../markdown-table.ts'
import type { Result } from './result.ts'

/** A scenario as the page shows it. */
export interface ScenarioText {
  readonly title: string
  readonly text: string
}

const head = `# Long scenarios

\`npm run soak\` runs these scenarios on the cluster of the tests
([contributing.md](../contributing.md#cluster-tests)) and writes this page; it takes half an hour. The
cluster tests run them with smaller numbers. What pods do is compared with the logs that they write
themselves. A scenario fails if one of its numbers that must be zero is not.
`

/** The page with the last results. A scenario without results has not been run. */
export function soakPage(
  scenarios: readonly ScenarioText[],
  results: Readonly<Record<string, Result>>,
): string {
  const sections = scenarios.map(({ title, text }) => {
    const rows = Object.entries(results[title] ?? {}).map(([name, value]) => {
      return [name, value.toLocaleString('en-US', { maximumFractionDigits: 0 })]
    })
    const table = rows.length === 0 ? 'Not run yet.\n' : markdownTable(['measure', 'result'], rows)
    return `\n## ${title}\n\n${text}\n\n${table}`
  })
  return head + sections.join('')
}
