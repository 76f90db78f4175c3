import { rm, writeFile } from 'node:fs/promises'
import { availableParallelism, release } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runProgram } from '@tetragon-ts/archives'
import { CaseCollector } from './case-collector.ts'
import type { CaseRecord, TargetResult } from './case-results.ts'
import { FileFollower, lineSplitter } from './follow-file.ts'
import { type KernelImage, KernelMissingError } from './kernel-image.ts'
import { mainKernel } from './kernels.ts'
import { propertyVariable } from './property-variable.ts'
import { cachePath } from './repository.ts'
import type { RunPlan } from './run-files.ts'
import type { TestFile } from './test-files.ts'
import { runInVm, VmError } from './virtual-machine.ts'
import { makeWorkFolder } from './work-folder.ts'

/**
 * Which cases run in a guest: all of a full run, most on the main kernel, and on others those that
 * depend on the kernel.
 */
type Extent = 'all' | 'most' | 'part'

/** Environment variables that tell tests where they run. Only set in a guest. */
export const guestVariables = {
  /** Name of the kernel in the matrix. */
  kernel: 'TETRAGON_TEST_KERNEL',
  /** Expected output of `uname -r`. */
  release: 'TETRAGON_TEST_RELEASE',
  /** Path of a loadable module of this kernel for cases. */
  spareModule: 'TETRAGON_TEST_MODULE',
  /** Which cases run: an {@link Extent}. */
  extent: 'TETRAGON_TEST_EXTENT',
} as const

/** Time limit for one test file, in milliseconds: only against those that hang. */
const fileTimeoutMs = { native: 600_000, emulated: 1_200_000 }

/** Time limit of a virtual machine, for any number of files. */
const machineTimeoutMs = 60 * 60_000

/**
 * Processors of a guest. An emulated processor is a thread of the host, so with one each, as many
 * machines can run in parallel as the host has processors. Tests that need two run on the host.
 */
const guestCpus = 1

/**
 * Number of values of a property in a guest, by the extent of the run: results rarely
 * depend on the kernel, and each value is a program to load.
 */
const guestPropertyRuns: Readonly<Record<Extent, number>> = { all: 10, most: 10, part: 5 }

const runner = fileURLToPath(new URL('./run-files.js', import.meta.url))

/** Parameters of all targets. */
export interface TargetRun {
  readonly files: readonly TestFile[]
  readonly onCase: (record: CaseRecord) => void
  /** Whether each kernel runs all cases. */
  readonly full: boolean
}

/** The end of a target's runner, for messages about unfinished files. */
interface RunnerEnd {
  readonly reason: string
  readonly bootMs: number
}

/** Runs files on this machine: kernel tests one by one, unit tests on all processors. */
export function runOnHost(target: 'unit' | 'host', run: TargetRun): Promise<TargetResult> {
  const concurrency = target === 'unit' ? availableParallelism() : 1
  const plan = { concurrency, together: false, timeoutMs: fileTimeoutMs.native }
  return collect(target, release(), run, plan, async (planFile) => {
    const result = await runProgram(process.execPath, [runner, planFile])
    const how = result.signal ?? `exit code ${result.exitCode}`
    return { reason: `the test runner ended with ${how}\n${result.stderr}`.trim(), bootMs: 0 }
  })
}

/** Runs files in a virtual machine with this kernel. */
export async function runOnKernel(
  name: string,
  kernel: KernelImage | Error,
  run: TargetRun,
): Promise<TargetResult> {
  if (kernel instanceof KernelMissingError) {
    return {
      target: name,
      release: '',
      durationMs: 0,
      bootMs: 0,
      cases: [],
      missing: kernel.message,
    }
  }
  if (kernel instanceof Error) {
    const collector = new CaseCollector(['test/vm'], run.onCase)
    collector.close(kernel.message)
    return { target: name, release: '', durationMs: 0, bootMs: 0, cases: collector.cases }
  }
  const timeoutMs = fileTimeoutMs.emulated
  const plan = { concurrency: 1, together: true, timeoutMs }
  return collect(name, kernel.release, run, plan, (planFile, folder) =>
    runInGuest(
      kernel,
      run.full,
      planFile,
      folder,
      Math.min(machineTimeoutMs, run.files.length * timeoutMs),
    ),
  )
}

async function runInGuest(
  kernel: KernelImage,
  full: boolean,
  planFile: string,
  folder: string,
  timeoutMs: number,
): Promise<RunnerEnd> {
  const extent: Extent = full ? 'all' : kernel.name === mainKernel ? 'most' : 'part'
  try {
    const result = await runInVm({
      kernel,
      cpus: guestCpus,
      command: [process.execPath, runner, planFile],
      env: {
        [guestVariables.kernel]: kernel.name,
        [guestVariables.release]: kernel.release,
        [guestVariables.spareModule]: kernel.spareModule,
        [propertyVariable]: process.env[propertyVariable] ?? String(guestPropertyRuns[extent]),
        [guestVariables.extent]: extent,
      },
      writable: [folder],
      timeoutMs,
    })
    const reason = `the test runner ended with exit code ${result.exitCode}\n${result.output}`
    return { reason: reason.trim(), bootMs: result.bootMs }
  } catch (error) {
    if (!(error instanceof VmError)) throw error
    const parts = [error.message, error.output.trim(), 'console:', error.console]
    return { reason: parts.filter((part) => part !== '').join('\n'), bootMs: 0 }
  }
}

/** Writes the plan, lets `execute` run it, and follows the result file. */
async function collect(
  target: string,
  kernelRelease: string,
  run: TargetRun,
  plan: Pick<RunPlan, 'concurrency' | 'together' | 'timeoutMs'>,
  execute: (planFile: string, folder: string) => Promise<RunnerEnd>,
): Promise<TargetResult> {
  const started = performance.now()
  // A folder for this run only: another run may use the same target.
  const folder = await makeWorkFolder(cachePath('results'), target)
  const results = join(folder, 'results.jsonl')
  await writeFile(results, '')
  const planFile = join(folder, 'plan.json')
  await writeFile(planFile, JSON.stringify({ ...plan, files: run.files, results }))
  const collector = new CaseCollector(
    run.files.map((file) => file.source),
    run.onCase,
  )
  const follower = new FileFollower(
    results,
    lineSplitter((line) => collector.line(line)),
  )
  let end: RunnerEnd = { reason: 'the run was cut off', bootMs: 0 }
  try {
    end = await execute(planFile, folder)
  } finally {
    follower.stop()
    await rm(folder, { recursive: true, force: true })
  }
  collector.close(end.reason)
  const durationMs = Math.round(performance.now() - started)
  const { cases, fileMs } = collector
  return { target, release: kernelRelease, durationMs, bootMs: end.bootMs, cases, fileMs }
}
