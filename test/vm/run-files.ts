import { spawn } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { join, resolve as resolvePath } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { reporterVariables } from './case-reporter.ts'
import type { FileRecord } from './case-results.ts'
import { packedName, packedTests } from './packed-test.ts'
import { repositoryRoot } from './repository.ts'
import { type TestFile, testKind } from './test-files.ts'

/** What a test runner process reads from its plan file: the same on the host and in a guest. */
export interface RunPlan {
  readonly files: readonly TestFile[]
  /** How many files may run at once. Kernel cases must run one after the other. */
  readonly concurrency: number
  /** For each file; then its process and all that it started are killed. */
  readonly timeoutMs: number
  /** File that results are appended to, one line of JSON each. */
  readonly results: string
}

const reporter = fileURLToPath(new URL('./case-reporter.js', import.meta.url))

/** How much of a test's own output is kept, from its end, in characters. */
const outputLimit = 8192

/** Process groups of the tests that run now. */
const running = new Set<number>()

/** Runs every file of the plan in a process of its own. */
export async function runFiles(plan: RunPlan): Promise<void> {
  const waiting = [...plan.files]
  const worker = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const record = await runFile(file, plan)
      appendFileSync(plan.results, `${JSON.stringify(record)}\n`)
    }
  }
  await Promise.all(Array.from({ length: plan.concurrency }, worker))
}

function runFile(test: TestFile, plan: RunPlan): Promise<FileRecord> {
  return new Promise((resolve) => {
    const started = performance.now()
    const args = [
      ...['--test-reporter', pathToFileURL(reporter).href, '--test-reporter-destination', 'stdout'],
      ...programOf(test),
    ]
    const child = spawn(process.execPath, args, {
      cwd: repositoryRoot,
      // A process group of its own: nothing that a test starts outlives it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        [reporterVariables.results]: plan.results,
        [reporterVariables.file]: test.source,
      },
    })
    let output = ''
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-outputLimit)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    let timedOut = false
    const timer = setTimeout(() => {
      timedOut = true
      killGroup(child.pid)
    }, plan.timeoutMs)
    if (child.pid !== undefined) running.add(child.pid)
    const finish = (exitCode: number | null, signal: string | null) => {
      clearTimeout(timer)
      killGroup(child.pid)
      running.delete(child.pid ?? 0)
      const durationMs = Math.round(performance.now() - started)
      const file = test.source
      resolve({ type: 'file', file, exitCode, signal, timedOut, durationMs, output })
    }
    child.on('error', (error) => {
      output += error.message
      finish(null, 'a failure to start')
    })
    child.on('exit', (exitCode, signal) => {
      // What it printed last may still be in the pipe.
      setImmediate(() => finish(exitCode, signal))
    })
  })
}

/** What runs a test, and its options. */
function programOf({ compiled }: TestFile): string[] {
  const kind = testKind(compiled)
  return kind === 'kernel' || kind === 'host'
    ? [join(packedTests, 'run.js'), packedName(compiled)]
    : ['--enable-source-maps', resolvePath(repositoryRoot, compiled)]
}

function killGroup(group: number | undefined): void {
  if (group === undefined) return
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // Nobody of the group is left: the usual case.
  }
}

/** Ends the tests that run now with this process. */
function killRunningAtExit(): void {
  process.on('exit', () => {
    for (const group of running) killGroup(group)
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))
}

/** Program: `run-files.js PLAN`, where PLAN is a JSON file with a RunPlan. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  killRunningAtExit()
  await runFiles(JSON.parse(readFileSync(process.argv[2], 'utf8')) as RunPlan)
}
