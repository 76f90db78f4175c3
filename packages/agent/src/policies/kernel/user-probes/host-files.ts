import { OpenUserFile } from '@tetragon-ts/compiler/running-kernel'
import { QuestionThread, startMs } from '../../../reader/question-thread/question-thread.ts'
import type { HostFileFacts, HostFileQuestion } from './host-file-question.ts'

/** Milliseconds after which a file system counts as stalled. */
const stuckMs = 2000
/** Milliseconds for which an answer is used again: a policy may have many hooks in a file. */
const freshMs = 100
/** Milliseconds until a stalled path is asked for again: each question may hold up a thread. */
const retryMs = 30_000
/** How often the answers are looked for, in milliseconds. */
const pollMs = 2

const kind = {
  program: new URL('./host-file-worker.js', import.meta.url),
  name: 'tetragon-files',
  limits: { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 },
  giveUpMs: stuckMs,
}

/** The file system of a path did not answer. */
export class StalledFile extends Error {
  override readonly name = 'StalledFile'
  readonly code = 'ETIMEDOUT'

  constructor(path: string) {
    super(`open ${path}: its file system does not answer`)
  }
}

interface Asked {
  readonly question: HostFileQuestion
  readonly then: (answer: HostFileFacts | 'stalled') => void
}

/** The last answer about a path. */
interface Known {
  readonly answer: HostFileFacts | 'stalled'
  readonly at: number
}

/**
 * Files of the host that hooks in user space name. A file system whose server has stopped (NFS,
 * FUSE) holds up who asks it, forever. So a thread asks first, and the main thread opens a file only
 * if its file system has just answered. Where the thread gets stuck, the path counts as stalled, and
 * another thread answers the other questions.
 */
export class HostFiles implements Disposable {
  readonly #root: string
  readonly #thread: QuestionThread<HostFileQuestion, HostFileFacts>
  /** Questions without an answer, in their order. */
  readonly #asked = new Map<number, Asked>()
  readonly #known = new Map<string, Known>()
  #nextId = 1
  /** When a question was asked of an idle thread, or answered. */
  #progressAt = 0
  #timer: NodeJS.Timeout | undefined

  /** @param root leads to the root of the host */
  constructor(root: string) {
    this.#root = root
    this.#thread = new QuestionThread(kind, '/proc')
  }

  /** Asks the file system of a path, unless it has just answered. */
  ask(path: string): Promise<HostFileFacts | 'stalled'> {
    const known = this.#known.get(path)
    const lasts = known?.answer === 'stalled' ? retryMs : freshMs
    if (known && performance.now() - known.at < lasts) return Promise.resolve(known.answer)
    return new Promise((resolve) => {
      const then = (answer: HostFileFacts | 'stalled'): void => {
        this.#known.set(path, { answer, at: performance.now() })
        resolve(answer)
      }
      const question = { id: this.#nextId++, root: this.#root, path }
      if (!this.#thread.ask([question])) return then('stalled')
      if (this.#asked.size === 0) this.#progressAt = performance.now()
      this.#asked.set(question.id, { question, then })
      this.#timer ??= setInterval(() => this.#receive(), pollMs)
    })
  }

  /**
   * Opens a file.
   * @throws StalledFile if its file system did not answer the last question; SystemCallError, Error
   * if it is not a regular file
   */
  open(path: string): OpenUserFile {
    if (this.#known.get(path)?.answer === 'stalled') throw new StalledFile(path)
    return OpenUserFile.open(this.#root, path)
  }

  /** Ends the thread if nothing is asked: no loaded hook names a file any more. */
  rest(): void {
    if (this.#asked.size > 0) return
    this.#thread.close()
    const now = performance.now()
    for (const [path, { at }] of this.#known) if (now - at > retryMs) this.#known.delete(path)
  }

  #receive(): void {
    for (const { id, result } of this.#thread.take()) {
      const asked = this.#asked.get(id)
      this.#asked.delete(id)
      this.#progressAt = performance.now()
      asked?.then(result ?? { version: undefined })
    }
    if (this.#thread.restartIfStuck()) this.#askOthers()
    const limit = this.#thread.readyAt === undefined ? startMs : stuckMs
    // As many threads are stuck as there may be.
    if (performance.now() - this.#progressAt > 2 * limit) this.#giveUp()
    if (this.#asked.size === 0) this.#pause()
  }

  #giveUp(): void {
    const all = [...this.#asked.values()]
    this.#asked.clear()
    for (const { then } of all) then('stalled')
  }

  /** The thread is stuck with the first question. */
  #askOthers(): void {
    const [stuck, ...others] = this.#asked.values()
    this.#asked.clear()
    this.#progressAt = performance.now()
    stuck.then('stalled')
    const again = others.filter(({ question: { path } }) => path !== stuck.question.path)
    const canAsk = this.#thread.ask(again.map(({ question }) => question))
    for (const asked of others) {
      if (canAsk && again.includes(asked)) this.#asked.set(asked.question.id, asked)
      else asked.then('stalled')
    }
  }

  #pause(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  [Symbol.dispose](): void {
    this.#giveUp()
    this.#pause()
    this.#thread.close()
  }
}
