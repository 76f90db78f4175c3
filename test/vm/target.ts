import { rm, writeFile } from 'node:fs/promises'
import { availableParallelism, release } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runProgram } from '@tetragon-ts/test/archives'
import { CaseCollector } from './case-collector.ts'
import { reporterVariables } from './case-reporter.ts'
import type { CaseRecord, TargetResult } from './case-results.ts'
import { FileFollower, lineSplitter } from './follow-file.ts'
import { type KernelImage, KernelMissingError } from './kernel-image.ts'
import { mainKernel, oldestKernel } from './kernels.ts'
import { propertyVariable } from './property-variable.ts'
import { cachePath } from './repository.ts'
import type { RunPlan } from './run-files.ts'
import type { TestFile } from './test-files.ts'
import { runInVm, VmError } from './virtual-machine.ts'
import { makeWorkFolder } from './work-folder.ts'

/**
 * Which cases run: all of a full run; on the main kernel those that its attach methods decide; on
 * others those that depend on the kernel. The oldest, which is farthest from the kernel of the
 * host, loads all programs.
 */
type Extent = 'all' | 'main' | 'oldest' | 'other'

function extentOf(kernel: string, full: boolean): Extent {
  if (full) return 'all'
  if (kernel === mainKernel) return 'main'
  return kernel === oldestKernel ? 'oldest' : 'other'
}

/** Environment variables with the place and the extent of the tests: on the host only the last. */
export const testVariables = {
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
/** How much longer they are in a full run: hundreds of starts under load take an hour. */
const fullFactor = 6

/** See `reporterVariables.lingerMs`. */
const guestLingerMs = 300_000

/** Time limit of a virtual machine, for any number of files. */
const machineTimeoutMs = 60 * 60_000

/**
 * Processors of a guest. An emulated processor is a thread of the host, so with one each, as many
 * machines can run in parallel as the host has processors. Tests that need two are in
 * two-processors.ci.test.ts.
 */
const guestCpus = 1

/**
 * Number of values of a property in a guest, by the extent of the run: results rarely
 * depend on the kernel, and each value is a program to load.
 */
const guestPropertyRuns: Readonly<Record<Extent, number>> = {
  all: 10,
  main: 5,
  oldest: 5,
  other: 5,
}

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
  readonly processorMs: number
}

/** Unit tests wait now and then. */
const unitProcesses = 2 * availableParallelism()

/** Kernel tests wait most of the time, for their agents and for events. */
const kernelTestsAtOnce = 4

/** Runs files on this machine. @param target one of `targetsHere` */
export function runOnHost(target: string, run: TargetRun): Promise<TargetResult> {
  const units = { concurrency: unitProcesses, together: 'units' } as const
  const kernelTests = { concurrency: kernelTestsAtOnce, together: 'host' } as const
  const shape = target === 'unit' ? units : kernelTests
  const plan = { ...shape, timeoutMs: fileTimeoutMs.native * (run.full ? fullFactor : 1) }
  return collect(target, release(), run, plan, async (planFile) => {
    const extent = run.full ? { [testVariables.extent]: 'all' satisfies Extent } : {}
    const env = { ...process.env, ...extent }
    const result = await runProgram(process.execPath, [runner, planFile], { env })
    const how = result.signal ?? `exit code ${result.exitCode}`
    const reason = `the test runner ended with ${how}\n${result.stderr}`.trim()
    return { reason, bootMs: 0, processorMs: Number(result.stdout) || 0 }
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
    const { cases } = collector
    return { target: name, release: '', durationMs: 0, bootMs: 0, cases }
  }
  const factor = run.full ? fullFactor : 1
  const timeoutMs = fileTimeoutMs.emulated * factor
  const plan = { concurrency: 1, together: 'guest', timeoutMs } as const
  return collect(name, kernel.release, run, plan, (planFile, folder) =>
    runInGuest(
      kernel,
      run,
      planFile,
      folder,
      Math.min(machineTimeoutMs * factor, run.files.length * timeoutMs),
    ),
  )
}

async function runInGuest(
  kernel: KernelImage,
  { full }: TargetRun,
  planFile: string,
  folder: string,
  timeoutMs: number,
): Promise<RunnerEnd> {
  const extent = extentOf(kernel.name, full)
  try {
    const result = await runInVm({
      kernel,
      cpus: guestCpus,
      command: [process.execPath, runner, planFile],
      env: {
        [testVariables.kernel]: kernel.name,
        [testVariables.release]: kernel.release,
        [testVariables.spareModule]: kernel.spareModule,
        [propertyVariable]: process.env[propertyVariable] ?? String(guestPropertyRuns[extent]),
        [testVariables.extent]: extent,
        [reporterVariables.lingerMs]: String(guestLingerMs),
      },
      writable: [folder],
      timeoutMs,
    })
    const reason = `the test runner ended with exit code ${result.exitCode}\n${result.output}`
    const { bootMs, processorMs } = result
    return { reason: reason.trim(), bootMs, processorMs }
  } catch (error) {
    if (!(error instanceof VmError)) throw error
    const parts = [error.message, error.output.trim(), 'console:', error.console]
    const reason = parts.filter((part) => part !== '').join('\n')
    return { reason, bootMs: 0, processorMs: 0 }
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
  let end: RunnerEnd = { reason: 'the run was cut off', bootMs: 0, processorMs: 0 }
  try {
    end = await execute(planFile, folder)
  } finally {
    follower.stop()
    await rm(folder, { recursive: true, force: true })
  }
  collector.close(end.reason)
  const durationMs = Math.round(performance.now() - started)
  const { cases, fileMs, fileProcessorMs } = collector
  const { bootMs, processorMs } = end
  const files = { fileMs, fileProcessorMs }
  return { target, release: kernelRelease, durationMs, bootMs, processorMs, cases, ...files }
}
