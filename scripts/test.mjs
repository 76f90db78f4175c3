// `npm test`: sets up the clone. Then runs in parallel the check of types and style, the unit
// tests, the kernel tests on this machine and the kernel tests in virtual machines: on 6.12, or
// with --all-kernels on every kernel of the matrix. The last line is the summary.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { root, runScript, SetupError, setup } from './setup.mjs'

/** The kernel of a plain run, besides the machine's own. */
const usualKernel = '6.12'

await runScript(async () => {
  const args = process.argv.slice(2)
  const unknown = args.find((word) => word !== '--all-kernels')
  if (unknown !== undefined) {
    throw new SetupError(`usage: npm test -- [--all-kernels], not "${unknown}"`)
  }
  const started = performance.now()
  await setup('test')
  // Policies are compiled for all kernels of the matrix. Each is described once, in seconds.
  const { describedNames, describeKernels } = await import('../test/dist/vm/kernel-descriptions.js')
  const undescribed = await describeKernels(describedNames, console.log)
  const setupMs = performance.now() - started

  // These are from the build that setup has just made.
  const { partsOf, runMatrix } = await import('../test/dist/vm/matrix.js')
  const { reportParts } = await import('../test/dist/vm/parts.js')
  const { parseArguments } = await import('../test/dist/vm/arguments.js')
  const { closingLine } = await import('../test/dist/vm/case-results.js')
  const { measureSpeed } = await import('../test/dist/vm/machine-speed.js')
  const { processorTime } = await import('../test/dist/vm/processor-time.js')

  const parts = [
    { name: 'setup', durationMs: setupMs, processorMs: processorTime(), failed: false },
  ]
  const speed = measureSpeed()
  const kernels = args.length > 0 ? parseArguments([]).targets : [usualKernel]
  const options = parseArguments(['unit', 'host', ...kernels])
  const [check, result] = await Promise.all([
    checkSources(processorTime),
    runMatrix(options, console.log),
  ])
  parts.push(check.part)
  const checked = !check.part.failed

  // Types and style count as a test: the summary must not hide their failure.
  const passed = result.passed + (checked ? 1 : 0)
  const failed = result.failed + (checked ? 0 : 1)
  if (!checked) console.log(`\n${check.output}`)
  console.log(`\ntypes and style: ${checked ? 'ok' : 'FAILED (see above)'}`)
  for (const { target, missing } of result.targets) {
    if (missing !== undefined) console.log(`NOT TESTED: kernel ${target}: ${missing}`)
  }
  for (const [name, { message }] of undescribed) {
    console.log(`NOT TESTED: policies on kernel ${name}: ${message}`)
  }
  reportParts([...parts, ...partsOf(result)], console.log, speed)
  console.log(`\n${closingLine({ passed, failed, skipped: result.skipped })}`)
  return failed > 0 || result.tooUnsteady ? 1 : 0
})

/**
 * Checks types and style. Its processor time includes that of the workloads, which are compiled
 * beside it.
 */
async function checkSources(processorTime) {
  const started = performance.now()
  const before = processorTime()
  const child = spawn('npm', ['run', '--silent', 'check'], { cwd: root })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
    })
  }
  const [code] = await once(child, 'close')
  const part = {
    name: 'check',
    durationMs: performance.now() - started,
    processorMs: processorTime() - before,
    failed: code !== 0,
  }
  return { part, output: output.trim() }
}
