// `npm test`: sets up the clone. Then checks types and style, and in parallel runs the unit tests,
// the kernel tests on this machine and the kernel tests in virtual machines: on 6.12, or with
// --all-kernels on every kernel of the matrix. The last line is the summary.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { root, runScript, SetupError, setup } from './setup.mjs'

/** The kernel of a plain run, besides the machine's own. */
const usualKernel = '6.12'

await runScript(async () => {
  const args = process.argv.slice(2)
  const unknown = args.find((word) => word !== '--all-kernels')
  if (unknown !== undefined) {
    throw new SetupError(`usage: npm test -- [--all-kernels], not "${unknown}"`)
  }
  const timed = async (name, work) => {
    const started = performance.now()
    const ok = await work()
    return { name, durationMs: performance.now() - started, failed: !ok }
  }
  const parts = [await timed('setup', () => setup('test').then(() => true))]

  // These two are from the build that setup has just made.
  const { partsOf, runMatrix } = await import('../test/dist/vm/matrix.js')
  const { reportParts } = await import('../test/dist/vm/parts.js')
  const { parseArguments } = await import('../test/dist/vm/arguments.js')
  const { closingLine } = await import('../test/dist/vm/case-results.js')

  let checkOutput = ''
  /** Runs in parallel with the tests, which do not always use all processors. */
  const check = async () => {
    const stdio = ['ignore', 'pipe', 'pipe']
    const child = spawn('npm', ['run', '--silent', 'check'], { cwd: root, stdio })
    const [ended, ...outputs] = await Promise.all([
      once(child, 'close'),
      text(child.stdout),
      text(child.stderr),
    ])
    checkOutput = outputs.join('').trim()
    return ended[0] === 0
  }
  const kernels = args.length > 0 ? parseArguments([]).targets : [usualKernel]
  const options = parseArguments(['unit', 'host', ...kernels])
  const [checking, result] = await Promise.all([
    timed('check', check),
    runMatrix(options, console.log),
  ])
  parts.push(checking)
  const checked = !checking.failed

  // Types and style count as a test: the summary must not hide their failure.
  const passed = result.passed + (checked ? 1 : 0)
  const failed = result.failed + (checked ? 0 : 1)
  if (!checked) console.log(`\n${checkOutput}`)
  console.log(`\ntypes and style: ${checked ? 'ok' : 'FAILED (see above)'}`)
  for (const { target, missing } of result.targets) {
    if (missing !== undefined) console.log(`NOT TESTED: kernel ${target}: ${missing}`)
  }
  reportParts([...parts, ...partsOf(result)], console.log)
  console.log(`\n${closingLine({ passed, failed, skipped: result.skipped })}`)
  return failed > 0 ? 1 : 0
})
