import type { MappedFile, Mapping } from '@tetragon-ts/ebpf/perf-ring'
import { QuestionThread, startMs } from '../question-thread/question-thread.ts'
import type { BuildIdQuestion } from './find-build-id.ts'
import { deviceName } from './waiting-mounts.ts'

/** The thread that reads build ids; it needs little memory. */
const kind = {
  program: new URL('./read-build-ids.js', import.meta.url),
  name: 'tetragon-build-ids',
  limits: { maxYoungGenerationSizeMb: 2 },
  giveUpMs: 10_000,
}
/** Maximum number of unanswered questions, and milliseconds to wait for an answer. */
const questionsMax = 4096
const waitMs = 5000

/** A question that was asked. */
export class AskedBuildId {
  readonly id: number
  readonly #thread: { readonly readyAt: number | undefined }
  readonly #askedAt = performance.now()
  /** `open` until it is answered, or lost with its thread. */
  state: 'open' | 'answered' | 'lost' = 'open'
  buildId: Uint8Array | undefined

  /** @param thread the one that answers */
  constructor(id: number, thread: { readonly readyAt: number | undefined }) {
    this.id = id
    this.#thread = thread
  }

  /** Whether waiting for the answer is over: it is there, lost or late. */
  get isOver(): boolean {
    if (this.state !== 'open') return true
    const { readyAt } = this.#thread
    const asked = this.#askedAt
    const end = readyAt === undefined ? asked + startMs : Math.max(asked, readyAt) + waitMs
    return performance.now() > end
  }
}

/**
 * Asks a thread for build ids that the kernel did not report. The thread starts with the first
 * question. While it does not respond, nothing is asked.
 */
export class BuildIds {
  readonly #thread: QuestionThread<BuildIdQuestion, Uint8Array>
  readonly #asked = new Map<number, AskedBuildId>()
  readonly #questions: BuildIdQuestion[] = []
  #next = 1
  /** Build ids that were not read because the thread did not respond. */
  missed = 0

  constructor(procfs: string) {
    this.#thread = new QuestionThread(kind, procfs)
  }

  /**
   * Asks for a build id; {@link send} sends the question.
   * @param mappedAt time of the mapping, in milliseconds since 1970
   * @returns undefined if the thread does not respond
   */
  ask({ pid, address, length, path }: Mapping, file: MappedFile, mappedAt: number) {
    if (this.#asked.size >= questionsMax || this.#isStuck) {
      this.missed++
      return undefined
    }
    const asked = new AskedBuildId(this.#next++, this.#thread)
    this.#asked.set(asked.id, asked)
    const mapping = {
      pid,
      device: deviceName(file.major, file.minor),
      inode: `${file.inode}`,
      range: `${address.toString(16)}-${(address + length).toString(16)}`,
      path: Buffer.from(path).toString('latin1'),
    }
    this.#questions.push({ id: asked.id, mapping, mappedAt })
    return asked
  }

  /** Whether the oldest question was not answered in time. */
  get #isStuck(): boolean {
    const [oldest] = this.#asked.values()
    return oldest?.isOver === true
  }

  /** Sends the questions to the thread. */
  send(): void {
    const questions = this.#questions.splice(0)
    if (questions.length === 0 || this.#thread.ask(questions)) return
    for (const { id } of questions) this.#close(id, 'lost')
  }

  /** Receives the answers. All questions must have been sent. */
  receive(): void {
    for (const { id, result } of this.#thread.take()) this.#close(id, 'answered', result)
    if (!this.#thread.restartIfStuck()) return
    for (const id of this.#asked.keys()) this.#close(id, 'lost')
  }

  #close(id: number, state: 'answered' | 'lost', buildId?: Uint8Array): void {
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    if (asked) Object.assign(asked, { state, buildId })
  }

  /** Ends the thread. */
  close(): void {
    this.#thread.close()
    this.#asked.clear()
    this.#questions.length = 0
  }
}
