import { appendFileSync, readFileSync } from 'node:fs'
import { join, resolve as resolvePath } from 'node:path'
import { fileURLToPath } from 'node:url'
import { aloneFiles, ownProcess, sharedFolders } from './alone.ts'
import { reporterVariables } from './case-reporter.ts'
import type { FileRecord } from './case-results.ts'
import { packedName, packedTests } from './packed-test.ts'
import { processorTime } from './processor-time.ts'
import { repositoryRoot } from './repository.ts'
import { packedInGuest, packedOnHost, runFilesTogether, unitsTogether } from './run-together.ts'
import { type TestFile, type TestKind, testKind } from './test-files.ts'
import { killTestsAtExit, runTestProcess } from './test-process.ts'

/** The plan file of a test runner process: the same on the host and in a guest. */
export interface RunPlan {
  readonly files: readonly TestFile[]
  /** Maximum number of processes. */
  readonly concurrency: number
  /** Which files share processes: those of the host, of a guest, or unit tests. */
  readonly together: 'host' | 'guest' | 'units'
  /** For each file; then its process and all descendants are killed. */
  readonly timeoutMs: number
  /** File that results are appended to, one line of JSON each. */
  readonly results: string
}

type Recording = (line: FileRecord) => void

/** Kinds whose files have a process each. */
const ownProcessKinds = new Set<TestKind | undefined>([undefined, 'host', 'ci'])

/** Files of the host that share a process, and mostly an agent. */
const filesTogether = 10

/** Runs every file of the plan. */
export async function runFiles(plan: RunPlan): Promise<void> {
  const record = (line: FileRecord) => appendFileSync(plan.results, `${JSON.stringify(line)}\n`)
  if (plan.together === 'guest') return runFilesTogether(plan, record, packedInGuest)
  if (plan.together === 'units') return runUnits(plan, record)
  return runOnThisMachine(plan, record)
}

/** Runs kernel tests on the host. Those of other kernels can share a process, as they do there. */
async function runOnThisMachine(plan: RunPlan, record: Recording): Promise<void> {
  const alone = plan.files.filter(({ source }) => aloneFiles.includes(source))
  const others = plan.files.filter((file) => !alone.includes(file))
  const alike = others.filter(({ compiled }) => !ownProcessKinds.has(testKind(compiled)))
  const inFolders = sharedFolders.map((folder) => {
    return others.filter((file) => !alike.includes(file) && file.source.startsWith(folder))
  })
  const separate = others.filter((file) => ![alike, ...inFolders].flat().includes(file))
  const tasks: (() => Promise<void>)[] = []
  for (const files of [alike, ...inFolders].flatMap((shared) => groupsOf(shared))) {
    tasks.push(() => runFilesTogether({ ...plan, files }, record, packedOnHost))
  }
  tasks.push(...separate.map((file) => async () => record(await runFile(file, plan))))
  const worker = async () => {
    for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) await task()
  }
  // One at a time, while unit tests and virtual machines use the other processors.
  for (const file of alone) record(await runFile(file, plan))
  await Promise.all(Array.from({ length: plan.concurrency }, worker))
}

/** Groups of at most {@link filesTogether} files. */
function groupsOf(files: readonly TestFile[]): TestFile[][] {
  const count = Math.ceil(files.length / filesTogether)
  return Array.from({ length: count }, (_, i) => {
    return files.slice(i * filesTogether, (i + 1) * filesTogether)
  })
}

/** Runs unit tests in as many processes as may run at a time. */
async function runUnits(plan: RunPlan, record: Recording): Promise<void> {
  const separate = plan.files.filter(({ source }) => ownProcess.includes(source))
  const shared = plan.files.filter((file) => !separate.includes(file))
  // Neighbours are in different processes, since files of a folder take about the same time.
  const groups = Array.from({ length: plan.concurrency }, (_, group) =>
    shared.filter((_, i) => i % plan.concurrency === group),
  )
  await Promise.all([
    ...groups.map((files) => runFilesTogether({ ...plan, files }, record, unitsTogether)),
    ...separate.map(async (file) => record(await runFile(file, plan))),
  ])
}

/** Runs a file in its own process. */
async function runFile(test: TestFile, plan: RunPlan): Promise<FileRecord> {
  const env = { [reporterVariables.results]: plan.results, [reporterVariables.file]: test.source }
  const end = await runTestProcess(programOf(test), env, plan.timeoutMs)
  return { type: 'file', file: test.source, ...end }
}

/** The runner of a test, and its options. */
function programOf({ compiled }: TestFile): string[] {
  const kind = testKind(compiled)
  const path = resolvePath(repositoryRoot, compiled)
  return kind === undefined || kind === 'unit'
    ? ['--enable-source-maps', ...limitOf(path), path]
    : [join(packedTests, 'run.js'), packedName(compiled)]
}

/** Options that limit properties, for tests with properties. */
function limitOf(path: string): string[] {
  const hasProperties = readFileSync(path, 'utf8').includes("from 'fast-check'")
  return hasProperties ? ['--import', new URL('./property-limit.js', import.meta.url).href] : []
}

/**
 * Program: `run-files.js PLAN`, where PLAN is a JSON file with a RunPlan. Its output is the
 * processor time of all tests in milliseconds.
 */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  killTestsAtExit()
  await runFiles(JSON.parse(readFileSync(process.argv[2], 'utf8')) as RunPlan)
  console.log(processorTime())
}
