import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kernelImages } from '../vm/kernel-image.ts'
import { repositoryRoot } from '../vm/repository.ts'
import { testVariables } from '../vm/target.ts'
import { runInVm } from '../vm/virtual-machine.ts'

/** An emulated processor needs about a quarter of a minute for an action. */
const limitMs = 4 * 3_600_000

/**
 * Runs the attacks in a virtual machine with a kernel of the matrix, which writes the page.
 * @returns the exit code
 */
export async function runInKernel(name: string, args: readonly string[]): Promise<number> {
  const kernel = (await kernelImages([name])).get(name)
  if (kernel === undefined) throw new Error(`run attacks: no kernel ${name} in the matrix`)
  if (kernel instanceof Error) throw kernel
  const main = fileURLToPath(new URL('main.js', import.meta.url))
  const { exitCode } = await runInVm({
    kernel,
    cpus: 1,
    command: [process.execPath, '--enable-source-maps', main, ...args],
    env: { [testVariables.kernel]: kernel.name, [testVariables.release]: kernel.release },
    writable: [join(repositoryRoot, 'docs/reference')],
    timeoutMs: limitMs,
    onOutput: (text) => process.stdout.write(text),
  })
  return exitCode
}
