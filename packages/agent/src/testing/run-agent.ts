import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { listPrograms } from '@tetragon-ts/ebpf/programs'
import { guestKernel } from './guest.ts'
import { LineFile } from './line-file.ts'
import type { ObservedEvent } from './observed-event.ts'
import { ObservedEvents } from './observed-events.ts'
import { readIfThere } from './read-if-there.ts'

/** The agent's program, relative to this compiled file. */
export const agentProgram = fileURLToPath(new URL('../../bin/tetragon.js', import.meta.url))

/** Environment that runs the agent's program with the Node.js release of the test. */
export function withThisNode(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, PATH: `${dirname(process.execPath)}:${env.PATH}` }
}

/** Against waits that would never end: emulated processors of a busy machine are slow. */
const startLimitMs = guestKernel === undefined ? 90_000 : 360_000

/** A folder in memory for an agent's files; the caller removes it. */
export function makeTestFolder(): string {
  return mkdtempSync('/dev/shm/tetragon-test-')
}

/** How a child process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** An agent in its own process that writes its events to a file. */
export class RunningAgent {
  readonly folder: string
  readonly exportFile: string
  readonly pidFile: string
  readonly child: ChildProcess
  readonly ended: Promise<Ending>
  stderr = ''
  readonly #file: LineFile
  readonly #observed: ObservedEvents

  private constructor(args: readonly string[], starter: readonly string[] = []) {
    this.folder = makeTestFolder()
    this.exportFile = join(this.folder, 'events.json')
    this.pidFile = join(this.folder, 'pid')
    this.#file = new LineFile(this.exportFile)
    this.#observed = new ObservedEvents(this.#file, this)
    const own = ['--export-filename', this.exportFile, '--pid-file', this.pidFile]
    // It is read while it grows.
    own.push('--export-file-max-size-mb', '1000000')
    const [program, ...words] = [...starter, agentProgram, ...own, ...args]
    this.child = spawn(program, words, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: withThisNode(process.env),
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => resolve({ code, signal }))
    })
  }

  /** Starts an agent; does not wait until it watches processes. */
  static launch(...args: string[]): RunningAgent {
    return new RunningAgent(args)
  }

  /**
   * Starts it through another program, which gets the agent's program and its options as arguments.
   */
  static launchBy(starter: readonly string[], args: readonly string[] = []): RunningAgent {
    return new RunningAgent(args, starter)
  }

  /**
   * Starts an agent and waits until it watches processes.
   * @throws Error with its messages if it fails
   */
  static async start(...args: string[]): Promise<RunningAgent> {
    const agent = new RunningAgent(args)
    await agent.ready()
    return agent
  }

  get pid(): number {
    return this.child.pid ?? 0
  }

  get isOver(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  /** Waits until all running processes are known and new ones are seen. */
  async ready(): Promise<void> {
    await this.#until('the agent watches', startLimitMs, () => / ready +in /.test(this.stderr))
  }

  /** Waits until detection rules are in force, with what they hook. */
  async rulesRead(): Promise<void> {
    await this.#until('rules are in force', startLimitMs, () => /rules read: /.test(this.stderr))
  }

  /** Waits until clients can connect. @returns the address, such as `unix:///PATH` */
  async serving(): Promise<string> {
    const address = () => /serving on (\S*)/.exec(this.stderr)?.[1]
    await this.#until('the agent serves', startLimitMs, () => address() !== undefined)
    return address() ?? ''
  }

  /** All events so far, including those of everything before the call. */
  events(): Promise<readonly ObservedEvent[]> {
    return this.#observed.all()
  }

  /** Events of one process id. */
  eventsOf(pid: number): Promise<ObservedEvent[]> {
    return this.#observed.of(pid)
  }

  /** Waits for an event, including earlier ones. */
  waitFor(test: (event: ObservedEvent) => boolean): Promise<ObservedEvent> {
    return this.#observed.waitFor(test)
  }

  /**
   * How often each program was skipped because another run was active on the same processor;
   * programs without misses are omitted.
   */
  missedRuns(): Record<string, number> {
    const names = new Map(listPrograms().map(({ id, name }) => [id, name]))
    const missed: Record<string, number> = {}
    const fdinfo = `/proc/${this.pid}/fdinfo`
    for (const fd of readdirSync(fdinfo)) {
      const text = readIfThere(join(fdinfo, fd))
      const name = names.get(Number(/^prog_id:\s*(\d+)$/m.exec(text)?.[1]))
      const count = Number(/^recursion_misses:\s*(\d+)$/m.exec(text)?.[1] ?? 0)
      if (name !== undefined && count > 0) missed[name] = count
    }
    return missed
  }

  /** Ends the agent; its file is complete then, and stays until `remove`. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ending> {
    this.child.kill(signal)
    const ending = await this.ended
    this.#observed.read()
    return ending
  }

  /** Content of the file, as far as it was read. */
  get written(): ObservedEvents['written'] {
    return this.#observed.written
  }

  /** Hands over what was read since the last call, and keeps it no longer: for long runs. */
  take(): ObservedEvents['written'] {
    return this.#observed.take()
  }

  /** Ends the agent if it runs, and removes its files. */
  async remove(): Promise<void> {
    // Unlike `stop`, this does not parse the events.
    if (!this.isOver) {
      this.child.kill('SIGTERM')
      await this.ended
    }
    this.#file.close()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Waits for its next message. */
  async #says(): Promise<void> {
    await once(this.child.stderr ?? this.child, 'data')
  }

  async #until(what: string, limitMs: number, test: () => boolean): Promise<void> {
    const isLate = sleep(limitMs, 'late', { ref: false })
    while (!test()) {
      if (this.isOver) throw new Error(`wait until ${what}: the agent ended: ${this.stderr}`)
      if ((await Promise.race([this.#says(), this.ended, isLate])) === 'late') {
        throw new Error(`wait until ${what}: ${limitMs} ms are over: ${this.stderr}`)
      }
    }
  }
}
