/** A command of a full run. */
export interface FullRunCommand {
  readonly command: string
  readonly durationMs: number
  /** Its closing lines with numbers of cases, and files that passed only alone. */
  readonly results: readonly string[]
  readonly failed: boolean
}

/** A run of `npm run test:full`. */
export interface FullRun {
  /** Of the build, such as `0.2.0~dev12+1a2b3c4`. */
  readonly version: string
  readonly date: string
  /** Of this machine's kernel: `uname -r`. */
  readonly kernel: string
  readonly processors: number
  /** Milliseconds of `node -e 0`. */
  readonly nodeMs: number
  readonly commands: readonly FullRunCommand[]
  /** Commands that have not run yet. */
  readonly left: readonly string[]
}

/** Lines of a command's output that belong in the page: numbers, what failed or was unsteady. */
const resultLine = /^(\d+ passed, \d+ failed|\S+ +FAIL |UNSTEADY: |NOT TESTED: )/

/** The results in the output of a command, which may repeat failures at its end. */
export function resultsIn(output: string): string[] {
  return [...new Set(output.split('\n').filter((line) => resultLine.test(line)))]
}

/** The page of the documents with the last full run. */
export function fullRunPage(run: FullRun): string {
  const { version, date, kernel, processors, nodeMs, commands, left } = run
  const rows = commands.map(({ command, durationMs, results, failed: isFailed }) =>
    [
      `\`${command}\``,
      `${Math.round(durationMs / 60_000)} min`,
      `${isFailed ? '**failed**' : 'passed'}${results.map((line) => `<br>${tableText(line)}`).join('')}`,
    ].join(' | '),
  )
  rows.push(...left.map((command) => `\`${command}\` | - | not run`))
  return `<!-- Written by npm run test:full. -->
# The last full run of the tests

\`npm run test:full\` runs all cases on all kernels, the cluster with its long scenarios, and all tests
of this machine on the LTS of Node.js. It starts the agent 200 times under a storm of execs, and lets
it run 10 minutes; 5 times and 3 minutes on Linux 7. It takes hours and belongs before a release.
${outcomeOf(run)}

- Version ${version}, ${date}.
- Linux ${kernel}, ${processors} processors, \`node -e 0\` in ${nodeMs} ms.

| command | took | result |
| --- | --- | --- |
${rows.map((row) => `| ${row} |`).join('\n')}
`
}

function outcomeOf({ commands, left }: FullRun): string {
  const failed = commands.filter((command) => command.failed).length
  if (failed > 0) return `${failed} failed.`
  return left.length > 0 ? 'This run is not complete.' : 'All passed.'
}

/** Names of cases may contain what is syntax in a table. */
function tableText(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
