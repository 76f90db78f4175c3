import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The highest priority, so that other programs on the machine disturb little. */
const niceness = '-19'
const lastCpu = availableParallelism() - 1
export const onLastCpu = String(lastCpu)
export const onAnyCpu = `0-${lastCpu}`

/** A program of the benchmarks in its own process, which prints lines of JSON. */
export class Partner implements Disposable {
  readonly child: ChildProcess
  readonly ended: Promise<unknown>
  readonly #lines: AsyncIterator<string>
  readonly #name: string

  /**
   * @param name the program below this folder, without extension
   * @param argument is passed as JSON
   * @param raised whether it has the highest priority
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

  /** Its next line. @throws Error if it has ended instead */
  async next<T>(): Promise<T> {
    const line = await this.#lines.next()
    if (line.done) throw new Error(`run ${this.#name}: it ended early`)
    return JSON.parse(line.value) as T
  }

  /** Sends it a line, the last one. */
  send(line = ''): void {
    this.child.stdin?.end(line === '' ? line : `${line}\n`)
  }

  [Symbol.dispose](): void {
    this.child.kill('SIGKILL')
  }
}

/** If the kernel schedules by session, niceness counts only within one: each has its own. */
export function raiseSession(pid: number | undefined): void {
  const file = `/proc/${pid}/autogroup`
  if (existsSync(file)) writeFileSync(file, niceness)
}
