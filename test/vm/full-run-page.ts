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
}

/** Lines of a command's output that belong in the page: numbers, what failed or was unsteady. */
const resultLine = /^(\d+ passed, \d+ failed|\S+ +FAIL |UNSTEADY: |NOT TESTED: )/

/** The results in the output of a command, which may repeat failures at its end. */
export function resultsIn(output: string): string[] {
  return [...new Set(output.split('\n').filter((line) => resultLine.test(line)))]
}

/** The page of the documents with the last full run. */
export function fullRunPage(run: FullRun): string {
  const { version, date, kernel, processors, nodeMs, commands } = run
  const failed = commands.filter((command) => command.failed)
  const outcome = failed.length === 0 ? 'All passed.' : `${failed.length} failed.`
  const rows = commands.map(({ command, durationMs, results, failed: isFailed }) =>
    [
      `\`${command}\``,
      `${Math.round(durationMs / 60_000)} min`,
      `${isFailed ? '**failed**' : 'passed'}${results.map((line) => `<br>${tableText(line)}`).join('')}`,
    ].join(' | '),
  )
  return `<!-- Written by npm run test:full. -->
# The last full run of the tests

\`npm run test:full\` runs all cases on all kernels, the cluster with its long scenarios, and all tests
of this machine on the LTS of Node.js. It takes hours and belongs before a release. ${outcome}

- Version ${version}, ${date}.
- Linux ${kernel}, ${processors} processors, \`node -e 0\` in ${nodeMs} ms.

| command | took | result |
| --- | --- | --- |
${rows.map((row) => `| ${row} |`).join('\n')}
`
}

/** Names of cases may contain what is syntax in a table. */
function tableText(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
