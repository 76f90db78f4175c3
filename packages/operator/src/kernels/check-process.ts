import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { CheckAnswer, CheckQuestion, KernelResult } from './check-kernel.ts'

const program = fileURLToPath(new URL('./check-program.js', import.meta.url))
/** V8 ends a process whose heap is full: with hostile descriptions not the operator. */
const execArgv = ['--max-old-space-size=96', '--max-semi-space-size=4']
/** Milliseconds without a question after which the process ends: it has 100 MB. */
const idleMs = 60_000

/** Milliseconds. */
export interface CheckMs {
  /** After which a process is killed that does not answer. */
  readonly stuck: number
  /** In which a kernel is not checked that a process failed with: the policy may be the reason. */
  readonly avoid: number
}

const defaultMs: CheckMs = { stuck: 20_000, avoid: 600_000 }

/** Why a kernel has no result. */
export type NoResult = 'late' | 'failed'

/** A process that checks policies for kernels with the same processors. One question at a time. */
export class CheckProcess {
  /** Kernels with which it failed or hung, and when. */
  readonly #failed = new Map<string, number>()
  readonly #architecture: string
  readonly #program: string
  readonly #ms: CheckMs
  #child: ChildProcess | undefined
  #idle: NodeJS.Timeout | undefined
  #nextId = 1
  #running: Promise<void> = Promise.resolve()

  /** @param path of the program */
  constructor(architecture: string, path = program, ms = defaultMs) {
    this.#architecture = architecture
    this.#ms = ms
    this.#program = path
  }

  /**
   * @param ms time for the results. A question that takes longer continues for a while, so that the
   *   next one finds a process that has started.
   * @returns a result for each kernel
   */
  async ask(
    { policy, kernels }: Omit<CheckQuestion, 'id'>,
    ms: number,
  ): Promise<ReadonlyMap<string, KernelResult | NoResult>> {
    clearTimeout(this.#idle)
    const end = performance.now() + ms
    const isFree = await within(this.#running, ms)
    const results = new Map<string, KernelResult | NoResult>()
    if (isFree) {
      const id = this.#nextId++
      this.#running = this.#exchange({ id, policy, kernels }, results)
      await within(this.#running, end - performance.now())
    }
    this.#idle = setTimeout(() => this.close(), idleMs).unref()
    return new Map(kernels.map(({ hash }) => [hash, results.get(hash) ?? 'late']))
  }

  /** Whether it has failed with a kernel lately. */
  hasFailed(hash: string): boolean {
    const end = performance.now() - this.#ms.avoid
    for (const [each, at] of this.#failed) if (at <= end) this.#failed.delete(each)
    return this.#failed.has(hash)
  }

  /** Ends the process; the next question starts another one. */
  close(): void {
    clearTimeout(this.#idle)
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }

  /** @param results gets those that arrive, or that the first one without a result has failed */
  #exchange(question: CheckQuestion, results: Map<string, KernelResult | NoResult>): Promise<void> {
    const child = this.#start()
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(stuck)
        child.off('message', answered).off('error', failed).off('exit', failed)
        resolve()
      }
      const answered = (message: unknown): void => {
        const { id, hash, result } = message as CheckAnswer
        if (id === question.id) results.set(hash, result)
        if (results.size === question.kernels.length) end()
      }
      // The first one without a result has made the process fail, or hang.
      const failed = (): void => {
        const culprit = question.kernels.find(({ hash }) => !results.has(hash))
        if (culprit) {
          results.set(culprit.hash, 'failed')
          this.#failed.set(culprit.hash, performance.now())
        }
        end()
      }
      const stuck = setTimeout(() => {
        this.close()
        failed()
      }, this.#ms.stuck).unref()
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

/** Whether a promise is fulfilled in time. */
async function within(promise: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, Math.max(ms, 0), false)
  })
  const isDone = await Promise.race([promise.then(() => true), late])
  clearTimeout(timer)
  return isDone
}
