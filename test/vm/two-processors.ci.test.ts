import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { KernelMissingError, kernelImages } from './kernel-image.ts'
import { mainKernel } from './kernels.ts'
import { emulatedOptions, packedName, packedTests } from './packed-test.ts'
import { testVariables } from './target.ts'
import { runInVm } from './virtual-machine.ts'

/** Tests that need racing processors, and attach methods that the host may lack. */
const tests = [
  { file: 'packages/agent/dist/policies/kernel/replace.early.test.js', names: 'again and again' },
]

const runner = join(packedTests, 'run.js')

describe('in a guest with two processors', () => {
  for (const { file, names } of tests) {
    it(`${file} passes`, async (t) => {
      if (availableParallelism() < 2) return t.skip('this host has one processor')
      const kernel = (await kernelImages([mainKernel])).get(mainKernel)!
      if (kernel instanceof KernelMissingError) return t.skip(kernel.message)
      if (kernel instanceof Error) throw kernel
      const options = [...emulatedOptions, `--test-name-pattern=${names}`]
      const { exitCode, output } = await runInVm({
        kernel,
        cpus: 2,
        command: [process.execPath, ...options, runner, packedName(file)],
        env: { [testVariables.kernel]: kernel.name, [testVariables.release]: kernel.release },
        timeoutMs: 500_000,
      })
      assert.equal(exitCode, 0, output)
      assert.match(output, /^(#|ℹ) pass [1-9]/m)
    })
  }
})
