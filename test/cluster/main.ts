// `node main.js [--kernel NAME] FILE…`: starts a cluster and runs test files one after the other,
// each in a process of its own. All use the same cluster; after each file it is as it was before.
// If that fails, or a program of the cluster has ended, the next file gets a new one. With
// --kernel, the node is a virtual machine with this kernel, and each file has a cluster of its own.

import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { type Part, partsTable, reportParts } from '../vm/parts.ts'
import { cachePath } from '../vm/repository.ts'
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

/** Steps of the run: starts, files, restores. */
const steps: Part[] = []

/** Does a step of the run. Work that does not return `false` has succeeded. */
async function timed<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const started = performance.now()
  let failed = true
  try {
    const result = await work()
    failed = result === false
    return result
  } finally {
    steps.push({ name, durationMs: performance.now() - started, failed })
  }
}

/** Runs a test file, as a step. */
async function test(file: string, { cluster }: RunningCluster): Promise<void> {
  const name = basename(file).split('.')[0]!
  const started = performance.now()
  const failures = await runFile(file, name, cluster)
  const durationMs = performance.now() - started
  steps.push({ name, durationMs, failed: failures.length > 0, failures })
}

async function runAll(image: string, files: readonly string[]): Promise<void> {
  let started: Started | undefined
  for (const file of files) {
    started ??= await timed('start', () => start(image))
    const current = started
    await test(file, current.running)
    if (values.kernel !== undefined) reportEnded(current)
    else if (await timed('restore', () => restore(current))) continue
    started = undefined
    await timed('end', () => end(current))
  }
  const last = started
  if (last !== undefined) await timed('end', () => end(last))
}

/** Adds steps up to a part of the run. */
function partOf(name: string, done: readonly Part[]): Part {
  const failures = done
    .filter(({ failed }) => failed)
    .flatMap((step) => step.failures ?? [`cluster FAIL ${step.name}`])
  const durationMs = done.reduce((sum, step) => sum + step.durationMs, 0)
  return { name, durationMs, failed: failures.length > 0, failures }
}

try {
  const image = await timed('programs', async () => {
    await clusterFiles(console.log)
    return makeAgentImage()
  })
  await runAll(image, positionals)
} finally {
  console.log(`\n${partsTable(steps)}`)
  const [programs, ...tests] = steps
  const all = [partOf('cluster programs', [programs!]), partOf('cluster tests', tests)]
  reportParts(all, console.log)
}
process.exitCode = steps.some(({ failed }) => failed) ? 1 : 0
