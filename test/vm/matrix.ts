import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { compileWorkloads } from '../workloads/index.ts'
import type { MatrixOptions } from './arguments.ts'
import {
  addCounts,
  type CaseRecord,
  countTarget,
  mergeResults,
  type TargetResult,
} from './case-results.ts'
import { kernelImages } from './kernel-image.ts'
import { caseLine, matrixTable, slowestFiles } from './matrix-table.ts'
import type { Part } from './parts.ts'
import { cachePath } from './repository.ts'
import { joinShares, sharesOf } from './shares.ts'
import { runOnHost, runOnKernel } from './target.ts'
import { findTests, kindsOf, type TestFile, targetsHere } from './test-files.ts'
import { repeatFailed, reportUnsteady, type UnsteadyFile } from './unsteady.ts'

/** Result of a matrix run. */
export interface MatrixResult {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly targets: readonly TargetResult[]
  /** Whether more files than luck explains failed and then passed alone. */
  readonly tooUnsteady: boolean
}

/**
 * Runs tests on the requested targets, prints each case as it ends and a final table, and stores
 * the results as JSON in .cache/results; a partial run keeps results of other files. A run without
 * tests is a failure. Needs root for all but unit tests.
 */
export async function runMatrix(
  options: MatrixOptions,
  print: (line: string) => void,
): Promise<MatrixResult> {
  const kernels = options.targets.filter((target) => !targetsHere.includes(target))
  if (options.targets.some((target) => target !== 'unit') && process.getuid?.() !== 0) {
    throw new Error('run kernel cases: root is needed to load programs and to share files')
  }
  // Guests cannot write here, so all files must exist before they boot.
  if (options.targets.some((target) => target !== 'unit')) await compileWorkloads()

  const images = await kernelImages(kernels)
  const run = (
    target: string,
    files: readonly TestFile[],
    onCase: (record: CaseRecord) => void,
  ) => {
    const image = images.get(target)
    const targetRun = { files, onCase, full: options.full }
    return image === undefined
      ? runOnHost(target, targetRun)
      : runOnKernel(target, image, targetRun)
  }
  // Kernel tests of this machine would disturb each other.
  const inOrder = ['host', 'ci', ...kernels, 'unit'].filter((target) =>
    options.targets.includes(target),
  )
  const queues: Record<'here' | 'machines' | 'units', Task[]> = {
    here: [],
    machines: [],
    units: [],
  }
  for (const target of inOrder) {
    const files = await chosenTests(target, options)
    const onCase = printer(target, print, target === 'unit' ? failuresOnly : () => true)
    const isVirtual = images.has(target)
    const shares = isVirtual ? sharesOf(files, options.jobs) : [files]
    const place = isVirtual ? 'machines' : 'here'
    const queue = queues[target === 'unit' ? 'units' : place]
    for (const share of shares) {
      queue.push(async () => withoutEmpty(await run(target, share, onCase), onCase))
    }
  }
  // Tests of this machine wait most of the time: virtual machines use the processors then.
  const all = await Promise.all([
    inParallel(1, queues.here),
    inParallel(options.jobs, queues.machines),
    inParallel(1, queues.units),
  ])
  const results = all.flat()
  const judged = options.targets.map((target) => {
    const shares = results.filter((result) => result.target === target)
    return judgeMissing(joinShares(shares), options, print)
  })
  const targets: TargetResult[] = []
  const unsteady: UnsteadyFile[] = []
  for (const result of judged) {
    const files = await chosenTests(result.target, options)
    const repeated = await repeatFailed(result, files, (file) =>
      run(
        result.target,
        [file],
        printer(result.target, print, () => true),
      ),
    )
    targets.push(repeated.result)
    unsteady.push(...repeated.unsteady)
  }
  await store(targets, options)
  print(`\n${matrixTable(targets)}\n\n${slowestFiles(targets)}`)
  const tooUnsteady = reportUnsteady(unsteady, print)
  return { ...addCounts(targets.map(countTarget)), targets, tooUnsteady }
}

/** The targets of a run as parts of it. */
export function partsOf({ targets }: MatrixResult): Part[] {
  return targets.map((result) => {
    const { target, durationMs, processorMs } = result
    const isHere = targetsHere.includes(target)
    const name = isHere ? `${target} (Node.js ${process.versions.node})` : `kernel ${target}`
    const failed = result.cases.filter(({ outcome }) => outcome === 'failed')
    const failures = failed.map((record) => caseLine(target, record))
    return { name, durationMs, processorMs, failed: failed.length > 0, failures }
  })
}

/** Tests of a target. */
async function chosenTests(target: string, { only, full }: MatrixOptions): Promise<TestFile[]> {
  const all = await findTests(kindsOf(target, full))
  return only === undefined ? all : all.filter((file) => file.source.includes(only))
}

const failuresOnly = (record: CaseRecord) => record.outcome !== 'passed'

function printer(
  target: string,
  print: (line: string) => void,
  shown: (record: CaseRecord) => boolean,
): (record: CaseRecord) => void {
  return (record) => {
    if (shown(record)) print(caseLine(target, record))
  }
}

/** A run without tests has not succeeded. */
function withoutEmpty(result: TargetResult, onCase: (record: CaseRecord) => void): TargetResult {
  if (result.cases.length > 0 || result.missing !== undefined) return result
  const failure: CaseRecord = {
    type: 'case',
    file: '(none)',
    name: '(all)',
    outcome: 'failed',
    durationMs: 0,
    error: 'no test was found: is everything built, and does --only match a file?',
  }
  onCase(failure)
  return { ...result, cases: [failure] }
}

function judgeMissing(
  result: TargetResult,
  { strict }: MatrixOptions,
  print: (line: string) => void,
): TargetResult {
  const { missing, ...rest } = result
  if (missing === undefined) return result
  print(`${result.target.padEnd(4)} missing: ${missing}`)
  if (!strict) return result
  const failure = { type: 'case', outcome: 'failed', durationMs: 0, error: missing } as const
  return { ...rest, cases: [{ ...failure, file: '(none)', name: '(kernel missing)' }] }
}

/** Runs tasks, at most `limit` at a time; results keep the order of the tasks. */
type Task = () => Promise<TargetResult>

async function inParallel(limit: number, tasks: readonly Task[]): Promise<TargetResult[]> {
  const results: TargetResult[] = []
  const waiting = [...tasks.entries()]
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, task] = next
      results[index] = await task()
    }
  }
  await Promise.all(Array.from({ length: limit }, worker))
  return results
}

async function store(targets: readonly TargetResult[], options: MatrixOptions): Promise<void> {
  await mkdir(cachePath('results'), { recursive: true })
  for (const result of targets) {
    const path = cachePath('results', `${result.target}.json`)
    let stored = result
    if (options.only !== undefined) {
      const files = (await chosenTests(result.target, options)).map(({ source }) => source)
      stored = mergeResults(await readStored(path), result, files)
    }
    await writeFile(path, `${JSON.stringify(stored, null, 2)}\n`)
  }
}

async function readStored(path: string): Promise<TargetResult | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as TargetResult
  } catch {
    // Missing, or incomplete after an interrupted run.
    return undefined
  }
}
