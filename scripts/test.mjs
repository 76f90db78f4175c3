// `npm test`: sets up the clone, checks types and style, then runs the unit tests, the kernel tests
// on this machine and the kernel tests in a virtual machine. With --all-kernels the last step runs
// on every kernel of the matrix. The last line is the summary.

import { spawnSync } from 'node:child_process'
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

  const check = () =>
    spawnSync('npm', ['run', '--silent', 'check'], { cwd: root, stdio: 'inherit' })
  parts.push(await timed('check', () => check().status === 0))
  const checked = !parts.at(-1).failed
  const kernels = args.length > 0 ? parseArguments([]).targets : [usualKernel]
  const options = parseArguments(['unit', 'host', ...kernels])
  const result = await runMatrix(options, console.log)

  // Types and style count as a test: the summary must not hide their failure.
  const passed = result.passed + (checked ? 1 : 0)
  const failed = result.failed + (checked ? 0 : 1)
  console.log(`\ntypes and style: ${checked ? 'ok' : 'FAILED (see the top)'}`)
  for (const { target, missing } of result.targets) {
    if (missing !== undefined) console.log(`NOT TESTED: kernel ${target}: ${missing}`)
  }
  reportParts([...parts, ...partsOf(result)], console.log)
  console.log(`\n${closingLine({ passed, failed, skipped: result.skipped })}`)
  return failed > 0 ? 1 : 0
})
