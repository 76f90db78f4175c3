import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The highest priority: so other programs on the machine disturb little. */
const niceness = '-19'
const lastCpu = availableParallelism() - 1
export const onLastCpu = String(lastCpu)
export const onAnyCpu = `0-${lastCpu}`

/** A program of the benchmarks in a process of its own, which says lines of JSON. */
export class Partner implements Disposable {
  readonly child: ChildProcess
  readonly ended: Promise<unknown>
  readonly #lines: AsyncIterator<string>
  readonly #name: string

  /**
   * @param name the program below this folder, without extension
   * @param argument reaches it as JSON
   * @param raised whether it gets the highest priority
   */
  constructor(name: string, cpus: string, argument: object, raised = true) {
    const program = fileURLToPath(new URL(`./${name}.js`, import.meta.url))
    const stdio = ['pipe', 'pipe', 'inherit'] as const
    this.#name = name
    const node = [process.execPath, program, JSON.stringify(argument)]
    const command = ['-n', raised ? niceness : '0', 'taskset', '-c', cpus, ...node]
    this.child = spawn('nice', command, { stdio: [...stdio], detached: true })
    if (raised) raiseSession(this.child.pid)
    this.#lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]()
    this.ended = new Promise((resolve) => this.child.on('exit', resolve))
  }

  /** What it says next. @throws Error when it has ended instead */
  async next<T>(): Promise<T> {
    const line = await this.#lines.next()
    if (line.done) throw new Error(`run ${this.#name}: it ended early`)
    return JSON.parse(line.value) as T
  }

  /** Says a line to it, the last one. */
  send(line = ''): void {
    this.child.stdin?.end(line === '' ? line : `${line}\n`)
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL')
  }
}

/**
 * Where the kernel shares CPUs out by session, niceness counts within one only: each has its own.
 */
export function raiseSession(pid: number | undefined): void {
  const file = `/proc/${pid}/autogroup`
  if (existsSync(file)) writeFileSync(file, niceness)
}
