// `npm run test:full`: all tests, for a release; they take hours. The commands run one after the
// other, also after one that fails; the exit code is 1 then. After each, the results so far are
// written to docs/reference/full-test.md.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { availableParallelism, release } from 'node:os'
import { join } from 'node:path'
import { root, runScript, SetupError, setup } from './setup.mjs'
import { buildVersion } from './version.mjs'

const page = join(root, 'docs', 'reference', 'full-test.md')

const commands = [
  ['check'],
  ['build:kernel'],
  ['test:vm', '--', 'unit', 'host', 'ci', '--full'],
  ['test:vm', '--', '5.10', '6.1', '6.12', '7', '6.12-override', '--full'],
  ['test:cluster', '--', '--scale', 'full'],
  ['test:lts'],
]

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
  if (process.argv.length > 2) throw new SetupError('usage: npm run test:full')
  await setup('test')
  // These are from the build that setup has just made.
  const { fullRunPage, resultsIn } = await import('../test/dist/vm/full-run-page.js')
  const { measureSpeed } = await import('../test/dist/vm/machine-speed.js')
  const { nodeMs } = measureSpeed()
  const version = buildVersion(root)
  const date = new Date().toISOString().slice(0, 10)
  const facts = { version, date, kernel: release(), processors: availableParallelism(), nodeMs }
  const left = commands.map((words) => ['npm', 'run', ...words].join(' '))
  const done = []
  for (const words of commands) {
    const started = performance.now()
    const { output, failed } = await run(words)
    const durationMs = performance.now() - started
    done.push({ command: left.shift(), durationMs, results: resultsIn(output), failed })
    writeFileSync(page, fullRunPage({ ...facts, commands: done, left }))
  }
  console.log(`\nwritten: ${page}`)
  return done.some(({ failed }) => failed) ? 1 : 0
})
