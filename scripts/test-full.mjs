// `npm run test:full`: all tests, for a release; they take hours. The commands run one after the
// other, also after one that fails; the exit code is 1 then. Numbers as arguments choose some of
// them, counted from 1. After each, its row in docs/reference/full-test.md is replaced.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, release } from 'node:os'
import { join } from 'node:path'
import { root, runScript, SetupError, setup } from './setup.mjs'
import { buildVersion } from './version.mjs'

const page = join(root, 'docs', 'reference', 'full-test.md')

const commands = [
  ['check'],
  ['test:vm', '--', 'unit', 'host', 'ci', '--full'],
  ['test:vm', '--', '6.12', '--full'],
  ['test:vm', '--', '5.10', '--full'],
  ['test:vm', '--', '6.1', '--full'],
  ['test:vm', '--', '7', '--full'],
  ['test:cluster', '--', '--scale', 'full'],
  ['test:lts'],
  ['build:kernel'],
  ['test:vm', '--', '6.12-override', '--full'],
]

/** Indices of the commands to run. */
function chosen() {
  const numbers = process.argv.slice(2).map(Number)
  if (!numbers.every((each) => commands[each - 1])) {
    throw new SetupError(`usage: npm run test:full [-- NUMBER…], each from 1 to ${commands.length}`)
  }
  return numbers.length === 0 ? [...commands.keys()] : numbers.map((each) => each - 1)
}

/** Runs an npm script, shows its output, and returns that. */
async function run(words) {
  const child = spawn('npm', ['run', ...words], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    process.stdout.write(text)
    output += text
  })
  const [code] = await once(child, 'close')
  return { output, failed: code !== 0 }
}

await runScript(async () => {
  const indices = chosen()
  await setup('test')
  // These are from the build that setup has just made.
  const { fullRunPage, fullRunRow, resultsIn, rowsIn } = await import(
    '../test/dist/vm/full-run-page.js'
  )
  const { measureSpeed } = await import('../test/dist/vm/machine-speed.js')
  const { nodeMs } = measureSpeed()
  const version = buildVersion(root)
  const date = new Date().toISOString().slice(0, 10)
  const facts = { version, date, kernel: release(), processors: availableParallelism(), nodeMs }
  const names = commands.map((words) => ['npm', 'run', ...words].join(' '))
  let hasFailed = false
  for (const index of indices) {
    const started = performance.now()
    const { output, failed } = await run(commands[index])
    hasFailed ||= failed
    const durationMs = performance.now() - started
    const command = names[index]
    const rows = rowsIn(existsSync(page) ? readFileSync(page, 'utf8') : '')
    rows.set(
      command,
      fullRunRow(facts, { command, durationMs, results: resultsIn(output), failed }),
    )
    writeFileSync(page, fullRunPage(names, rows))
  }
  console.log(`\nwritten: ${page}`)
  return hasFailed ? 1 : 0
})
