import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { reporterUrl } from './case-reporter.ts'
import { lineSplitter } from './follow-file.ts'
import { describeGroup } from './lingering.ts'
import { type Progress, progressVariable } from './progress.ts'
import { repositoryRoot } from './repository.ts'

/** Result of a process that ran tests. */
export interface ProcessEnd {
  readonly exitCode: number | null
  readonly signal: string | null
  readonly timedOut: boolean
  readonly durationMs: number
  /** Unless it was killed. */
  readonly processorMs?: number
  /** The case that began last. */
  readonly lastCase?: string
  /** End of its output. */
  readonly output: string
}

/** Maximum length of the kept output, in characters. */
const outputLimit = 8192

/** Process groups of running tests. */
const running = new Set<number>()

/**
 * Runs a program of node:test in its own process group: nothing that a test starts outlives it.
 * @param args the program and its arguments, after options of Node.js
 * @param timeoutMs from the start, and from each progress report; then the group is killed
 */
export function runTestProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  timeoutMs: number,
  onProgress: (progress: Progress) => void = () => {},
): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    const started = performance.now()
    const options = ['--test-reporter', reporterUrl]
    options.push('--test-reporter-destination', 'stdout')
    const child = spawn(process.execPath, [...options, ...args], {
      cwd: repositoryRoot,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env, [progressVariable]: String(process.pid) },
    })
    let timedOut = false
    let lastCase: string | undefined
    let used: Pick<ProcessEnd, 'processorMs'> = {}
    let left: string[] = []
    const timer = setTimeout(() => {
      timedOut = true
      left = describeGroup(child.pid ?? 0)
      killGroup(child.pid)
    }, timeoutMs)
    const output = keepOutput(child)
    const onLine = lineSplitter((line) => {
      timer.refresh()
      const progress = JSON.parse(line) as Progress
      if (progress.at === 'exit') {
        used = { processorMs: progress.processorMs ?? 0 }
        return
      }
      // The suite of a whole file has no name of its own.
      if (progress.at === 'case') lastCase = progress.name || undefined
      onProgress(progress)
    })
    const reports = child.stdio[3] as Readable
    reports.setEncoding('utf8').on('data', onLine)
    if (child.pid !== undefined) running.add(child.pid)
    const finish = (exitCode: number | null, signal: string | null) => {
      clearTimeout(timer)
      killGroup(child.pid)
      running.delete(child.pid ?? 0)
      const durationMs = Math.round(performance.now() - started)
      resolve({
        exitCode,
        signal,
        timedOut,
        durationMs,
        ...used,
        lastCase,
        output: [output(), ...left].join('\n'),
      })
    }
    child.on('error', (error) => {
      finish(null, `a failure to start: ${error.message}`)
    })
    child.on('exit', (exitCode, signal) => {
      // Its last output may still be in the pipes, which its children may keep open.
      killGroup(child.pid)
      setTimeout(() => finish(exitCode, signal), 20)
    })
  })
}

function keepOutput(child: ChildProcess): () => string {
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-outputLimit)
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  return () => output
}

function killGroup(group: number | undefined): void {
  if (group === undefined) return
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // No process of the group is left: the usual case.
  }
}

/** Ends the running tests with this process. */
export function killTestsAtExit(): void {
  process.on('exit', () => {
    for (const group of running) killGroup(group)
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))
}
