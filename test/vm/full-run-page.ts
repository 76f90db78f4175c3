/** A command of a full run. */
export interface FullRunCommand {
  readonly command: string
  readonly durationMs: number
  /** Its closing lines with numbers of cases, and files that passed only alone. */
  readonly results: readonly string[]
  readonly failed: boolean
}

/** Where and with what commands of `npm run test:full` run. */
export interface FullRunFacts {
  /** Of the build, such as `0.2.0~dev12+1a2b3c4`. */
  readonly version: string
  readonly date: string
  /** Of this machine's kernel: `uname -r`. */
  readonly kernel: string
  readonly processors: number
  /** Milliseconds of `node -e 0`. */
  readonly nodeMs: number
}

/** Lines of a command's output that belong in the page: numbers, what failed or was unsteady. */
const resultLine = /^(\d+ passed, \d+ failed|\S+ +FAIL |UNSTEADY: |NOT TESTED: )/

/** The results in the output of a command, which may repeat failures at its end. */
export function resultsIn(output: string): string[] {
  return [...new Set(output.split('\n').filter((line) => resultLine.test(line)))]
}

/** The row of a command that has run. */
export function fullRunRow(facts: FullRunFacts, run: FullRunCommand): string {
  const { version, date, kernel, processors, nodeMs } = facts
  const { command, durationMs, results, failed } = run
  const cells = [
    `\`${command}\``,
    `${failed ? '**failed**' : 'passed'}${results.map((line) => `<br>${tableText(line)}`).join('')}`,
    `${Math.round(durationMs / 60_000)} min`,
    `${version}, ${date}`,
    `Linux ${kernel}, ${processors} processors, ${nodeMs} ms`,
  ]
  return `| ${cells.join(' | ')} |`
}

/** Rows of commands in a page, by command. */
export function rowsIn(page: string): Map<string, string> {
  const rows = page.matchAll(/^\| `([^`]+)` \| (?!not run).*$/gm)
  return new Map([...rows].map(([row, command]) => [command, row]))
}

/**
 * The page of the documents with the last full run.
 * @param commands all, in order
 * @param rows of those that have run
 */
export function fullRunPage(
  commands: readonly string[],
  rows: ReadonlyMap<string, string>,
): string {
  const table = commands.map((command) => {
    return rows.get(command) ?? `| \`${command}\` | not run | - | - | - |`
  })
  return `<!-- Written by npm run test:full. -->
# The last full run of the tests

\`npm run test:full\` runs all cases on all kernels, the cluster with its long scenarios, and all tests
of this machine on the LTS of Node.js. It starts the agent 200 times under a storm of execs, and lets
it run 10 minutes; 5 times and 3 minutes on Linux 7. It takes hours and belongs before a release; its
commands can run on different days. ${outcomeOf(table)}

| command | result | took | version | machine, with the time of \`node -e 0\` |
| --- | --- | --- | --- | --- |
${table.join('\n')}
`
}

function outcomeOf(rows: readonly string[]): string {
  const failed = rows.filter((row) => row.includes('| **failed**')).length
  if (failed > 0) return `${failed} failed.`
  return rows.some((row) => row.includes('| not run |')) ? 'Some have not run yet.' : 'All passed.'
}

/** Names of cases may contain what is syntax in a table. */
function tableText(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
