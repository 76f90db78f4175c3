import { runInVm } from '@tetragon-ts/test/vm'
import { compileWorkloads } from '@tetragon-ts/test/workloads'
import type { BenchmarkContext } from '../benchmark.ts'

const timeoutMs = 40 * 60_000

/** What a measurement needs of its machine. */
interface Measurement {
  /** Path of a script that prints its results as a line of JSON after the marker. */
  readonly script: string
  readonly args?: readonly (string | number)[]
  readonly marker: string
  /** Whether the machine counts instructions instead of time, on one processor. */
  readonly icount?: boolean
}

/**
 * Runs a script in a virtual machine, and shows its rounds as they end.
 * @returns its results
 * @throws VmError, and Error if it fails or prints no results
 */
export async function measureInVm<Results>(
  { kernel, progress }: BenchmarkContext,
  { script, args = [], marker, ...machine }: Measurement,
): Promise<Results> {
  await compileWorkloads()
  const { exitCode, output } = await runInVm({
    kernel,
    timeoutMs,
    ...machine,
    command: [process.execPath, script, ...args.map(String)],
    onOutput: (text) => {
      for (const line of text.split('\n')) if (/^round/.test(line)) progress(line)
    },
  })
  const line = output.split('\n').find((text) => text.startsWith(marker))
  if (exitCode !== 0 || line === undefined) {
    throw new Error(`measure in kernel ${kernel}: exit code ${exitCode}: ${output}`)
  }
  return JSON.parse(line.slice(marker.length)) as Results
}
