import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ErrorCodeOf } from './error-codes.ts'
import { mapsOf } from './kernel-objects.ts'
import { raiseSession } from './partner.ts'
import { type ThreadTime, threadTimes } from './thread-times.ts'
import type { WorkFiles } from './work-files.ts'

const builtHere = fileURLToPath(new URL('../../packages/agent/bin/tetragon.js', import.meta.url))
const pollMs = 2
const startTimeoutMs = 120_000

/** The agent could not be started, or ended unexpectedly. */
export class AgentProcessError extends Error {
  readonly code: ErrorCodeOf<'AgentProcessError'> = 'BENCH_AGENT'
  override readonly name = 'AgentProcessError'
}

export interface AgentProcessOptions {
  /** Options besides those of every benchmark. */
  readonly args?: readonly string[]
  /** Whether it has the highest priority, in its own session. */
  readonly raised?: boolean
  /** Path of the agent, of another build. */
  readonly program?: string
}

/** The daemon as users run it, in its own process, with a fresh export file in memory. */
export class AgentProcess implements AsyncDisposable {
  readonly file: string
  /** Address of its server. */
  readonly socket: string
  /** Milliseconds from the start of the process to its first event in the file. */
  readonly firstEventMs: number
  /** Milliseconds from the start of the process until it reports that it is ready. */
  readonly readyMs: number
  readonly #child: ChildProcess
  readonly #log: { text: string }

  /** @throws AgentProcessError */
  static async start(
    files: WorkFiles,
    { args = [], raised = false, program = builtHere }: AgentProcessOptions = {},
  ): Promise<AgentProcess> {
    const file = files.path('events.json')
    rmSync(file, { force: true })
    const started = performance.now()
    const own = ['--export-filename', file, '--pid-file', files.path('agent.pid')]
    own.push('--export-file-max-size-mb', '1000000')
    const child = spawn(program, [...own, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // Its program finds Node.js itself.
      env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
      detached: raised,
    })
    if (raised) raiseSession(child.pid)
    const log = { text: '' }
    child.stderr.on('data', (chunk: Buffer) => {
      log.text += chunk
    })
    let firstEventMs = 0
    while (!/^ {2}ready /m.test(log.text)) {
      const elapsed = performance.now() - started
      if (child.exitCode !== null || elapsed > startTimeoutMs) {
        child.kill('SIGKILL')
        throw new AgentProcessError(`start agent: it did not get ready: ${log.text.trim()}`)
      }
      if (firstEventMs === 0 && hasContent(file)) firstEventMs = elapsed
      await delay(pollMs)
    }
    const readyMs = performance.now() - started
    // Loading the server takes CPU time once, which is not part of watching.
    while (!/serving on /.test(log.text) && performance.now() - started < startTimeoutMs) {
      await delay(pollMs)
    }
    const socket = files.path('tetragon.sock')
    return new AgentProcess(child, log, file, socket, firstEventMs || readyMs, readyMs)
  }

  private constructor(
    child: ChildProcess,
    log: { text: string },
    file: string,
    socket: string,
    firstEventMs: number,
    readyMs: number,
  ) {
    this.#child = child
    this.#log = log
    this.file = file
    this.socket = socket
    this.firstEventMs = firstEventMs
    this.readyMs = readyMs
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** Id of its ring. Needs CAP_SYS_ADMIN. */
  get ringId(): number {
    const ring = mapsOf(this.pid).find(({ type }) => type === 'ringBuffer')
    if (ring === undefined) throw new AgentProcessError('find ring: the agent has none')
    return ring.id
  }

  /** CPU time of each of its threads so far. */
  threadTimes(): ThreadTime[] {
    return threadTimes(this.pid)
  }

  /** CPU time of all its threads so far, in microseconds. */
  cpuUs(): number {
    return this.threadTimes().reduce((sum, { ns }) => sum + ns, 0) / 1000
  }

  /** Resident memory in bytes. */
  residentBytes(): number {
    return residentBytes(this.pid)
  }

  /** Stops all its threads; the kernel side continues and fills the ring. */
  pause(): void {
    this.#child.kill('SIGSTOP')
  }

  /** Resumes its threads. */
  resume(): void {
    this.#child.kill('SIGCONT')
  }

  /**
   * Ends it after it has written the content of the ring.
   * @returns its messages about losses, one sentence each
   * @throws AgentProcessError if it does not end normally
   */
  async stop(): Promise<string[]> {
    const child = this.#child
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
    if (child.exitCode !== 0) {
      throw new AgentProcessError(`stop agent: exit code ${child.exitCode}: ${this.#log.text}`)
    }
    return this.#log.text
      .split('\n')
      .filter((line) => /lost in|could not|unknown proc|skipped in favour/.test(line))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

function hasContent(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  return Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1]) * 1024
}
