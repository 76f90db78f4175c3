import { type QuestionThread, startMs } from '../question-thread/question-thread.ts'
import type { ProcessFile, ProcessFileQuestion } from './process-file-question.ts'
import { processFileThread, stuckMs } from './process-file-thread.ts'

/** Maximum number of questions without an answer. */
const openMax = 64
/** Longest wait of {@link ProcessFiles.waitForStart}, in milliseconds. */
const startWaitMs = 3000
/** How often a wait looks whether the thread has started, in milliseconds. */
const pollMs = 20

/** A process, with its start in nanoseconds since boot. */
interface ProcessKey {
  readonly pid: number
  readonly start: number
}

/**
 * `ended`: the process has ended, or its file cannot be read. `refused`: it holds up who reads it.
 * `busy`: others hold up the thread, or it cannot be started.
 */
export type ProcessFileAnswer = Uint8Array | 'ended' | 'refused' | 'busy'

interface Asked {
  readonly question: ProcessFileQuestion
  readonly then: (answer: ProcessFileAnswer) => void
}

/**
 * Reads files in /proc/PID that need the lock of the process's memory. A process can hold that lock
 * for as long as it likes: a file system of its own does not respond, and another of its threads
 * waits to change its memory. Before Linux 6.17 that blocks readers of /proc/PID/maps, and of
 * /proc/PID/cmdline on all kernels. So a thread reads them. Where it gets stuck, the question is
 * refused, and another thread answers the other ones.
 */
export class ProcessFiles {
  readonly #thread: QuestionThread<ProcessFileQuestion, Uint8Array>
  /** Questions without an answer, in their order. */
  readonly #asked = new Map<number, Asked>()
  #nextId = 1
  #hasWaited = false

  constructor(procfs: string) {
    this.#thread = processFileThread(procfs)
  }

  /** Starts the thread: the first question need not wait for that. */
  prepare(): void {
    this.#thread.start()
  }

  /** Waits for the start of the thread, once: the first answer should not be late because of it. */
  waitForStart(): void {
    if (this.#hasWaited || this.#thread.start() === undefined) return
    this.#hasWaited = true
    const deadline = performance.now() + startWaitMs
    while (this.#thread.readyAt === undefined && performance.now() < deadline) {
      this.#thread.wait(pollMs)
    }
  }

  /**
   * Asks for a file, and waits for the answer, which may also come later.
   * @param waitMs longest wait, in milliseconds; there is none while an older question is open
   * @param then receives the answer once, in this call or in a later one of this object
   */
  read(
    process: ProcessKey,
    file: ProcessFile,
    waitMs: number,
    then: (answer: ProcessFileAnswer) => void,
  ): void {
    const id = this.#ask(process, file, then)
    const deadline = performance.now() + waitMs
    if (id !== undefined) this.#wait(id, () => deadline)
  }

  /**
   * Reads a file of a process. Undefined if that is not possible, or only with a wait that another
   * process may cause. The first call waits for the start of the thread.
   */
  readNow(process: ProcessKey, file: ProcessFile): Uint8Array | undefined {
    let answer: ProcessFileAnswer | undefined
    const askedAt = performance.now()
    const id = this.#ask(process, file, (each) => {
      answer = each
    })
    if (id === undefined) return undefined
    this.#wait(id, () => {
      const { readyAt } = this.#thread
      return readyAt === undefined ? askedAt + startMs : Math.max(askedAt, readyAt) + stuckMs
    })
    // If it is stuck, another thread answers the next question.
    this.receive()
    return answer instanceof Uint8Array ? answer : undefined
  }

  /** Asks for a file. @returns the id of the question, unless an older one is open */
  #ask(
    { pid, start }: ProcessKey,
    file: ProcessFile,
    then: (answer: ProcessFileAnswer) => void,
  ): number | undefined {
    this.receive()
    const isFirst = this.#asked.size === 0
    const question = { id: this.#nextId++, pid, start, file }
    if (this.#asked.size >= openMax || !this.#thread.ask([question])) {
      then('busy')
      return undefined
    }
    this.#asked.set(question.id, { question, then })
    return isFirst ? question.id : undefined
  }

  /** Waits for an answer. @param deadline milliseconds; may change when the thread is ready */
  #wait(id: number, deadline: () => number): void {
    for (let left = 1; this.#asked.has(id) && left > 0; left = deadline() - performance.now()) {
      this.#thread.wait(Math.min(left, pollMs))
      this.#take()
    }
  }

  /** Receives the answers that have come since. */
  receive(): void {
    this.#take()
    if (!this.#thread.restartIfStuck()) return
    const [stuck, ...others] = this.#asked.values()
    this.#asked.clear()
    stuck.then('refused')
    const canAsk = this.#thread.ask(others.map(({ question }) => question))
    for (const asked of others) {
      if (canAsk) this.#asked.set(asked.question.id, asked)
      else asked.then('busy')
    }
  }

  #take(): void {
    for (const { id, result } of this.#thread.take()) {
      const asked = this.#asked.get(id)
      this.#asked.delete(id)
      asked?.then(result ?? 'ended')
    }
  }

  /** Ends the thread, and drops the open questions. */
  close(): void {
    this.#thread.close()
    this.#asked.clear()
  }
}
