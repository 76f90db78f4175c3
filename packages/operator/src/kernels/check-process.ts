import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { CheckAnswer, CheckQuestion, KernelResult } from './check-kernel.ts'

const program = fileURLToPath(new URL('./check-program.js', import.meta.url))
/** V8 ends a process whose heap is full: that of hostile descriptions must not be the operator's. */
const execArgv = ['--max-old-space-size=96', '--max-semi-space-size=4']
/** Milliseconds without a question after which the process ends: it has 100 MB. */
const idleMs = 60_000

/** Why a kernel has no result. */
export type NoResult = 'late' | 'failed'

/** A process that checks policies for kernels with the same processors. One question at a time. */
export class CheckProcess {
  readonly #architecture: string
  readonly #program: string
  #child: ChildProcess | undefined
  #idle: NodeJS.Timeout | undefined
  #nextId = 1

  /** @param path of the program */
  constructor(architecture: string, path = program) {
    this.#architecture = architecture
    this.#program = path
  }

  /**
   * @param ms after this time the process is killed, and the results until then are returned
   * @returns a result for each kernel
   */
  async ask(
    { policy, kernels }: Omit<CheckQuestion, 'id'>,
    ms: number,
  ): Promise<ReadonlyMap<string, KernelResult | NoResult>> {
    clearTimeout(this.#idle)
    const id = this.#nextId++
    const results = new Map<string, KernelResult | NoResult>()
    const outcome = await this.#exchange({ id, policy, kernels }, results, ms)
    if (outcome !== 'done') {
      // The first one without a result is the one that took too long, or made the process fail.
      const [culprit, ...others] = kernels.filter(({ hash }) => !results.has(hash))
      if (culprit) results.set(culprit.hash, outcome)
      for (const { hash } of others) results.set(hash, 'late')
      this.close()
    }
    this.#idle = setTimeout(() => this.close(), idleMs).unref()
    return results
  }

  /** Ends the process; the next question starts another one. */
  close(): void {
    clearTimeout(this.#idle)
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }

  #exchange(
    question: CheckQuestion,
    results: Map<string, KernelResult | NoResult>,
    ms: number,
  ): Promise<'done' | NoResult> {
    const child = this.#start()
    return new Promise((resolve) => {
      const late = setTimeout(() => end('late'), ms)
      const failed = (): void => end('failed')
      const answered = (message: unknown): void => {
        const { id, hash, result } = message as CheckAnswer
        if (id === question.id) results.set(hash, result)
        if (results.size === question.kernels.length) end('done')
      }
      const end = (outcome: 'done' | NoResult): void => {
        clearTimeout(late)
        child.off('message', answered).off('error', failed).off('exit', failed)
        resolve(outcome)
      }
      child.on('message', answered).on('error', failed).on('exit', failed)
      // An error of sending is followed by the exit.
      child.send(question, () => {})
    })
  }

  #start(): ChildProcess {
    if (this.#child) return this.#child
    const child = fork(this.#program, [this.#architecture], {
      execArgv,
      env: {},
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    // Also without a question, it may fail.
    child.on('error', () => {})
    child.on('exit', () => {
      if (this.#child === child) this.#child = undefined
    })
    child.unref()
    child.channel?.unref()
    this.#child = child
    return child
  }
}
