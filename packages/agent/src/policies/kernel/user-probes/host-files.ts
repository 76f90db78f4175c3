import { OpenUserFile } from '@tetragon-ts/compiler/running-kernel'
import { QuestionThread, startMs } from '../../../reader/question-thread/question-thread.ts'
import type { Followed } from '../links/follow-links.ts'
import {
  type HostFileAnswers,
  type HostFileFacts,
  type HostFileQuestion,
  phase,
} from './host-file-question.ts'
import { mountPoint } from './mount-point.ts'

/** Milliseconds after which a file system counts as stalled. */
const stuckMs = 2000
/** Milliseconds for which an answer is used again: a policy may have many hooks in a file. */
const freshMs = 100
/** Milliseconds after which a question is asked again without its return: its thread has failed. */
const lostMs = 600_000
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

type Answer = HostFileAnswers[keyof HostFileAnswers]

interface Asked {
  readonly question: HostFileQuestion
  /** Undefined: the question failed. */
  readonly then: (answer: Answer | 'stalled' | undefined) => void
}

/** The last answer about a path. */
interface Known {
  readonly answer: HostFileFacts | 'stalled'
  readonly at: number
}

/**
 * Files of the host that policies name. A file system whose server has stopped (NFS,
 * FUSE) holds up its callers forever. So a thread asks first, and the main thread opens a file
 * only if its file system has just answered. Where the thread gets stuck, all paths of the mount
 * count as stalled until that question returns, and another thread answers the other ones: a mount
 * holds up one thread.
 */
export class HostFiles implements Disposable {
  readonly #root: string
  readonly #thread: QuestionThread<HostFileQuestion, Answer>
  /** Questions without an answer, in their order. */
  readonly #asked = new Map<number, Asked>()
  readonly #known = new Map<string, Known>()
  /** Mounts that do not answer, with the question that has to return first, and the time. */
  readonly #stalled = new Map<string, Pick<Asked, 'question'> & { readonly at: number }>()
  #nextId = 1
  #timer: NodeJS.Timeout | undefined

  /** @param root leads to the root of the host */
  constructor(root: string) {
    this.#root = root
    this.#thread = new QuestionThread(kind, '/proc')
  }

  /** Asks the file system of a path, unless it has just answered. */
  async ask(path: string): Promise<HostFileFacts | 'stalled'> {
    const known = this.#known.get(path)
    if (known && performance.now() - known.at < freshMs) return known.answer
    const answer = (await this.#ask('file', path)) ?? { version: undefined }
    this.#known.set(path, { answer, at: performance.now() })
    return answer
  }

  /** Follows the links in a path. */
  async follow(path: string): Promise<Followed> {
    const answer = await this.#ask('links', path)
    if (answer === 'stalled') return { problem: 'its file system does not answer' }
    return answer ?? { problem: 'it cannot be read' }
  }

  /** @returns undefined if the question failed */
  #ask<About extends keyof HostFileAnswers>(
    about: About,
    path: string,
  ): Promise<HostFileAnswers[About] | 'stalled' | undefined> {
    if (this.#isStalled(path)) return Promise.resolve('stalled')
    return new Promise((resolve) => {
      const phase = new Int32Array(new SharedArrayBuffer(4))
      const question = { id: this.#nextId++, about, root: this.#root, path, phase }
      if (!this.#thread.ask([question])) return resolve('stalled')
      // The thread answers what it is asked about.
      const then = resolve as Asked['then']
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
    // Without an answer a file is opened, so those of stalled mounts stay.
    for (const path of this.#known.keys()) if (!this.#isStalled(path)) this.#known.delete(path)
  }

  #isStalled(path: string): boolean {
    // Nodes have thousands of mounts, and this is asked each second.
    if (this.#stalled.size === 0) return false
    const mount = mountPoint(this.#root, path)
    const stalled = this.#stalled.get(mount)
    if (stalled === undefined) return false
    const { question, at } = stalled
    const mayReturn = performance.now() - at < lostMs
    if (mayReturn && isAsking(question)) return true
    this.#stalled.delete(mount)
    return false
  }

  /** A thread that has not begun with the question is slow itself. */
  #stallMountOf({ question }: Asked): void {
    if (!isAsking(question)) return
    const at = performance.now()
    this.#stalled.set(mountPoint(this.#root, question.path), { question, at })
  }

  #receive(): void {
    for (const { id, result } of this.#thread.take()) {
      const asked = this.#asked.get(id)
      this.#asked.delete(id)
      asked?.then(result)
    }
    if (this.#thread.restartIfStuck()) this.#askOthers()
    const limit = this.#thread.readyAt === undefined ? startMs : stuckMs
    // As many threads are stuck as there may be.
    if (this.#asked.size > 0 && this.#thread.waitedMs > 2 * limit) this.#giveUp()
    if (this.#asked.size === 0) this.#pause()
  }

  #giveUp(): void {
    const asked = [...this.#asked.values()]
    this.#asked.clear()
    if (asked[0]) this.#stallMountOf(asked[0])
    for (const { then } of asked) then('stalled')
  }

  /** The thread is stuck with the first question. */
  #askOthers(): void {
    const asked = [...this.#asked.values()]
    this.#asked.clear()
    if (asked[0]) this.#stallMountOf(asked[0])
    const again = asked.filter(({ question: { path } }) => !this.#isStalled(path))
    const canAsk = this.#thread.ask(again.map(({ question }) => question))
    for (const each of asked) {
      if (canAsk && again.includes(each)) this.#asked.set(each.question.id, each)
      else each.then('stalled')
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

function isAsking({ phase: current }: HostFileQuestion): boolean {
  return Atomics.load(current, 0) === phase.asking
}
