// `node main.js [--kernel NAME] FILE…`: starts a cluster and runs test files one after the other,
// each in a process of its own. All use the same cluster; after each file it is as it was before.
// If that or the file fails, or a program of the cluster has ended, the next file gets a new one. A
// file that fails runs once more at the end, in a new cluster. With --kernel, the node is a virtual
// machine with this kernel, and each file has a cluster of its own.

import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import type { CaseRecord } from '../vm/case-results.ts'
import { measureSpeed } from '../vm/machine-speed.ts'
import { caseLine } from '../vm/matrix-table.ts'
import { type Part, partsTable, reportParts } from '../vm/parts.ts'
import { processorTime } from '../vm/processor-time.ts'
import { cachePath } from '../vm/repository.ts'
import { repeatFailed, reportUnsteady, type UnsteadyFile } from '../vm/unsteady.ts'
import { clusterFiles } from './build/cluster-files.ts'
import { type Contents, contentsOf, restoreContents } from './contents.ts'
import { makeAgentImage } from './images/agent-image.ts'
import { runFile } from './run-file.ts'
import { RunningCluster } from './running-cluster.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { kernel: { type: 'string' } },
})

/** Folder with tetra, a part of the image's files. */
const tetra = cachePath('image', 'root/usr/lib/tetragon/tetra')

interface Started {
  readonly running: RunningCluster
  readonly contents: Contents
}

async function start(image: string): Promise<Started> {
  const running = await RunningCluster.start(tetra, console.log, values.kernel)
  await running.cluster.node.importImage(image)
  return { running, contents: await contentsOf(running.cluster) }
}

/** Makes the cluster as it was. @returns whether the next file can use it */
async function restore({ running, contents }: Started): Promise<boolean> {
  try {
    running.check()
    await restoreContents(running.cluster, contents)
    return true
  } catch (error) {
    console.error(error)
    return false
  }
}

/** Prints why the cluster has ended by itself, which a test sees only as failures of its own. */
function reportEnded({ running }: Started): void {
  try {
    running.check()
  } catch (error) {
    console.error(error)
  }
}

/** Ends the cluster. @returns whether it left nothing on the machine */
async function end({ running }: Started): Promise<boolean> {
  const left = await running.end()
  for (const line of left) console.error(`cluster: left: ${line}`)
  return left.length === 0
}

const speed = measureSpeed()

/** Steps of the run: starts, files, restores. */
const steps: Part[] = []

/** The cases of all files. */
let cases: readonly CaseRecord[] = []

/** Does a step of the run. Work that does not return `false` has succeeded. */
async function timed<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const started = performance.now()
  const before = processorTime() ?? 0
  let failed = true
  try {
    const result = await work()
    failed = result === false
    return result
  } finally {
    const processorMs = (processorTime() ?? 0) - before
    steps.push({ name, durationMs: performance.now() - started, processorMs, failed })
  }
}

/** Runs a test file, as a step. */
async function test(file: string, { cluster }: RunningCluster): Promise<readonly CaseRecord[]> {
  const name = nameOf(file)
  return timed(name, async () => runFile(file, name, cluster))
}

/** Name of a test file in the results. */
function nameOf(file: string): string {
  return basename(file).split('.')[0]!
}

async function runAll(image: string, files: readonly string[]): Promise<void> {
  let started: Started | undefined
  for (const file of files) {
    started ??= await timed('start', () => start(image))
    const current = started
    const own = await test(file, current.running)
    cases = [...cases, ...own]
    if (values.kernel !== undefined) reportEnded(current)
    // A failed file may have left anything behind.
    else if (own.every(({ outcome }) => outcome !== 'failed')) {
      if (await timed('restore', () => restore(current))) continue
    }
    started = undefined
    await timed('end', () => end(current))
  }
  const last = started
  if (last !== undefined) await timed('end', () => end(last))
}

/** Runs failed files once more, each in a cluster of its own. @returns those that passed */
async function repeat(image: string, files: readonly string[]): Promise<readonly UnsteadyFile[]> {
  const first = { target: 'cluster', release: '', durationMs: 0, bootMs: 0, cases }
  const tests = files.map((compiled) => ({ source: nameOf(compiled), compiled }))
  const { result, unsteady } = await repeatFailed(first, tests, async ({ compiled }) => {
    const started = await timed('start', () => start(image))
    const repeated = await test(compiled, started.running)
    await timed('end', () => end(started))
    return { ...first, cases: repeated }
  })
  cases = result.cases
  return unsteady
}

/** Adds steps up to a part of the run. */
function partOf(name: string, done: readonly Part[], failures: readonly string[] = []): Part {
  const failed = done.filter((step) => step.failed).map((step) => `cluster FAIL ${step.name}`)
  const sum = (key: 'durationMs' | 'processorMs') =>
    done.reduce((all, step) => all + (step[key] ?? 0), 0)
  const all = [...failed, ...failures]
  const times = { durationMs: sum('durationMs'), processorMs: sum('processorMs') }
  return { name, ...times, failed: all.length > 0, failures: all }
}

let tooUnsteady = false
let failures: readonly string[] = []

try {
  const image = await timed('programs', async () => {
    await clusterFiles(console.log)
    return makeAgentImage()
  })
  await runAll(image, positionals)
  tooUnsteady = reportUnsteady(await repeat(image, positionals), console.log)
} finally {
  const failed = cases.filter(({ outcome }) => outcome === 'failed')
  failures = failed.map((record) => caseLine('cluster', record))
  console.log(`\n${partsTable(steps, speed)}`)
  const [programs, ...tests] = steps
  const all = [partOf('cluster programs', [programs!]), partOf('cluster tests', tests, failures)]
  reportParts(all, console.log, speed)
}
const isRed = tooUnsteady || failures.length > 0 || steps.some((step) => step.failed)
process.exitCode = isRed ? 1 : 0
