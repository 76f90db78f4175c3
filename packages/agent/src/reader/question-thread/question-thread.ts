import {
  MessageChannel,
  type MessagePort,
  type ResourceLimits,
  receiveMessageOnPort,
  type Worker,
} from 'node:worker_threads'
import { startThread } from '../../start-thread.ts'

/** A question to a thread; plain data, which can be posted. */
export interface Question {
  readonly id: number
}

export interface Answer<A> {
  readonly id: number
  /** Undefined also if the function that answers has thrown. */
  readonly result: A | undefined
}

/** `workerData` of the thread. */
export interface QuestionThreadOptions {
  readonly port: MessagePort
  /**
   * Number of answers, modulo 2³²; then 1 when the thread is ready, 1 when it must end, and the
   * number of steps of answers that take long.
   */
  readonly state: Int32Array
  readonly procfs: string
}

/** How a thread is started, and after which time it is replaced. */
export interface ThreadKind {
  /** A module that calls `answerQuestions`. */
  readonly program: URL
  readonly name: string
  readonly limits: ResourceLimits
  /** Milliseconds without an answer until another thread is started. */
  readonly giveUpMs: number
}

/** Milliseconds for the start of a thread, which is slow on a busy machine. */
export const startMs = 30_000
/** Milliseconds until a thread that has ended by itself is started again. */
const endedMs = 10_000
/**
 * Maximum number of replaced threads that have not ended: a thread ends only when its system call
 * has returned.
 */
const lingeringMax = 4

interface Running {
  readonly worker: Worker
  readonly port: MessagePort
  readonly state: Int32Array
}

/**
 * A thread that reads files, which may be slow or hostile: a file system that does not respond
 * holds up this thread only. It ends with the thread that started it.
 *
 * The event loop of the thread that asks rarely runs, so it may learn of errors late. Therefore a
 * thread counts as stuck if it has not answered for too long.
 */
export class QuestionThread<Q extends Question, A> {
  readonly #kind: ThreadKind
  readonly #procfs: string
  readonly #lingering = new Set<Worker>()
  #running: Running | undefined
  #asked = 0
  #taken = 0
  /** Time of the start, the last answer, or the first question while none was open. */
  #progressAt = 0
  #steps = 0
  #readyAt: number | undefined
  #hasEnded = false
  /** Until then no start is tried: the last one failed. */
  #failedUntil = Number.NEGATIVE_INFINITY

  constructor(kind: ThreadKind, procfs: string) {
    this.#kind = kind
    this.#procfs = procfs
  }

  /** Number of questions without an answer. */
  get open(): number {
    return this.#asked - this.#taken
  }

  /** When the thread was found to be ready; undefined before that. */
  get readyAt(): number | undefined {
    if (this.#running && Atomics.load(this.#running.state, 1) === 1) {
      this.#readyAt ??= performance.now()
    }
    return this.#readyAt
  }

  /** Starts the thread if it does not run. A machine without free threads has none for a while. */
  start(): Running | undefined {
    if (this.#running || performance.now() < this.#failedUntil) return this.#running
    try {
      this.#running = this.#start()
    } catch {
      this.#failedUntil = performance.now() + endedMs
    }
    return this.#running
  }

  #start(): Running {
    const { port1, port2 } = new MessageChannel()
    const state = new Int32Array(new SharedArrayBuffer(16))
    const { program, name, limits: resourceLimits } = this.#kind
    const options: QuestionThreadOptions = { port: port2, state, procfs: this.#procfs }
    let worker: Worker
    try {
      worker = startThread(program, {
        name,
        resourceLimits,
        workerData: options,
        transferList: [port2],
      })
    } catch (error) {
      port1.close()
      throw error
    }
    // `restartIfStuck` replaces a thread that has failed, since it does not answer.
    worker.on('error', () => {}).unref()
    worker.once('exit', () => {
      this.#lingering.delete(worker)
      if (this.#running?.worker === worker) this.#hasEnded = true
    })
    port1.unref()
    this.#hasEnded = false
    this.#progressAt = performance.now()
    return { worker, port: port1, state }
  }

  /**
   * Milliseconds without an answer or a step towards one; the start of a thread, which has a time
   * limit of its own, does not count.
   */
  get waitedMs(): number {
    const steps = this.#running ? Atomics.load(this.#running.state, 3) : 0
    if (steps !== this.#steps) this.#progressAt = performance.now()
    this.#steps = steps
    return performance.now() - Math.max(this.#progressAt, this.readyAt ?? 0)
  }

  /**
   * Starts another thread if this one has not answered for too long.
   * @returns whether all open questions are lost
   */
  restartIfStuck(): boolean {
    const waitMs = this.readyAt === undefined ? startMs : this.#kind.giveUpMs
    const limit = this.#hasEnded ? endedMs : waitMs
    const isStuck = this.open > 0 && this.waitedMs > limit
    if (!isStuck || this.#lingering.size >= lingeringMax) return false
    this.close()
    this.start()
    return true
  }

  /** @returns whether they were asked: false if the thread cannot be started */
  ask(questions: readonly Q[]): boolean {
    const running = this.start()
    if (running === undefined) return false
    if (this.open === 0) this.#progressAt = performance.now()
    this.#asked += questions.length
    running.port.postMessage(questions)
    return true
  }

  /** Waits until there is an answer that was not taken, without running the event loop. */
  wait(milliseconds: number): void {
    if (this.#running) Atomics.wait(this.#running.state, 0, this.#taken | 0, milliseconds)
  }

  /** The answers since the last call. */
  take(): Answer<A>[] {
    const answers: Answer<A>[] = []
    if (this.#running === undefined) return answers
    const { port, state } = this.#running
    if (Atomics.load(state, 0) === (this.#taken | 0)) return answers
    for (;;) {
      const next = receiveMessageOnPort(port)
      if (next === undefined) break
      this.#taken++
      answers.push(next.message as Answer<A>)
    }
    if (answers.length > 0) this.#progressAt = performance.now()
    return answers
  }

  /**
   * Drops the open questions. The thread ends after the one that it answers; `ask` starts another.
   */
  close(): void {
    if (this.#running === undefined) return
    const { worker, port, state } = this.#running
    this.#running = undefined
    this.#asked = 0
    this.#taken = 0
    this.#readyAt = undefined
    if (!this.#hasEnded) this.#lingering.add(worker)
    // The thread ends by itself: if it were terminated, the files that it reads would stay open.
    Atomics.store(state, 2, 1)
    port.close()
  }
}
