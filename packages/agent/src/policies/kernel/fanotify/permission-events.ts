import type { Worker } from 'node:worker_threads'
import type { MarkedFiles } from '@tetragon-ts/ebpf/lang'
import { FanotifyLink, type Link, type OnFailure } from '@tetragon-ts/ebpf/links'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import { Doorbell, type Fd, preventCoreDumps } from '@tetragon-ts/ebpf/sys'
import { startThread } from '../../../start-thread.ts'
import type { Command, Report, ThreadOptions } from './protocol.ts'
import { RepeatedWarnings } from './repeated-warnings.ts'

/** The program of the thread. */
const threadProgram = new URL('./answer-permission-events.js', import.meta.url)
/** Interval in milliseconds after which files and folders that were replaced are marked. */
const interval = 1000
/** Limit in milliseconds for the thread to answer what it was asked before. */
const settleLimit = 10_000

interface Thread {
  readonly worker: Worker
  readonly doorbell: Doorbell
  readonly isReady: Promise<void>
  readonly timer: NodeJS.Timeout
}

interface Attached {
  readonly link: FanotifyLink
  /** Descriptors of the thread. */
  readonly group: Fd
  readonly program: Fd
}

/**
 * Answers permission events of files by the programs of policies, in a thread of its own: callers
 * wait for the answers. The thread starts with the first policy that needs it.
 */
export class PermissionEvents implements Disposable {
  readonly #warnings: RepeatedWarnings
  #problems: ReadonlySet<string> = new Set()
  readonly #attached = new Map<number, Attached>()
  readonly #settled = new Map<number, () => void>()
  #thread: Thread | undefined
  #next = 1

  constructor(warn: (message: string) => void) {
    this.#warnings = new RepeatedWarnings(warn)
  }

  /** Resolves when the thread runs. */
  start(): Promise<void> {
    this.#thread ??= this.#startThread()
    return this.#thread.isReady
  }

  #startThread(): Thread {
    preventCoreDumps()
    const doorbell = new Doorbell()
    const options: ThreadOptions = { doorbellFd: doorbell.fd.number }
    const worker = startThread(threadProgram, {
      name: 'tetragon-fanotify',
      resourceLimits: { maxYoungGenerationSizeMb: 2 },
      workerData: options,
    })
    worker.unref()
    const isReady = new Promise<void>((resolve, reject) => {
      let isStarting = true
      worker.on('message', (report: Report) => {
        if (report.kind !== 'ready') return this.#receive(report)
        isStarting = false
        resolve()
      })
      worker.once('error', (error) => {
        this.#release()
        if (isStarting) return reject(error)
        // Without its thread the agent cannot enforce these policies.
        throw new Error(`answer permission events: ${error.message}`, { cause: error })
      })
    })
    const timer = setInterval(() => this.#markAll(), interval).unref()
    return { worker, doorbell, isReady, timer }
  }

  /**
   * Lets a program answer permission events of files, until the link is closed. The thread must
   * run.
   * @param onFailure the answer to events for which the program cannot be run
   * @throws SystemCallError; then nothing is marked
   */
  attach(files: MarkedFiles, program: LoadedProgram, onFailure: OnFailure): Link {
    if (!this.#thread) throw new Error('attach to permission events: start() has not been called')
    const number = this.#next++
    const link = FanotifyLink.open(files)
    const close = (): void => this.#detach(number, link)
    try {
      const attached = this.#duplicate(link, program)
      this.#attached.set(number, attached)
      const [groupFd, programFd] = [attached.group.number, attached.program.number]
      // Answered before anything is marked: this thread may be the first caller.
      this.#send({ kind: 'answer', link: number, groupFd, programFd, onFailure })
      this.#markAll()
    } catch (error) {
      close()
      throw error
    }
    return {
      kind: link.kind,
      target: link.target,
      close,
      [Symbol.dispose]: close,
      detach: () => {
        close()
        return this.settle()
      },
    }
  }

  #duplicate(link: FanotifyLink, program: LoadedProgram): Attached {
    const group = link.fd.duplicate()
    try {
      return { link, group, program: program.fd.duplicate() }
    } catch (error) {
      group.close()
      throw error
    }
  }

  #detach(number: number, link: FanotifyLink): void {
    link.close()
    if (this.#attached.delete(number)) this.#send({ kind: 'stop', link: number })
  }

  /** Resolves when earlier events are answered; after ten seconds with a warning. */
  settle(): Promise<void> {
    if (!this.#thread) return Promise.resolve()
    const question = this.#next++
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#warnings.add('fanotify: no answers for 10 seconds')
        this.#settled.get(question)?.()
      }, settleLimit).unref()
      this.#settled.set(question, () => {
        clearTimeout(timer)
        this.#settled.delete(question)
        resolve()
      })
      this.#send({ kind: 'settle', question })
    })
  }

  #send(command: Command): void {
    this.#thread?.worker.postMessage(command)
    this.#thread?.doorbell.ring()
  }

  #receive(report: Exclude<Report, { kind: 'ready' }>): void {
    if (report.kind === 'settled') return this.#settled.get(report.question)?.()
    const { link } = this.#attached.get(report.link) ?? {}
    if (link) this.#warnings.add(`fanotify: ${link.target}: ${report.message}`)
  }

  /** Warns of each problem when it occurs, once a minute at most, and not while it lasts. */
  #markAll(): void {
    const problems = new Set([...this.#attached.values()].flatMap(({ link }) => tryMark(link)))
    for (const each of problems) {
      if (!this.#problems.has(each)) this.#warnings.add(`fanotify: not protected yet: ${each}`)
    }
    this.#problems = problems
  }

  /** The thread has ended: no caller may wait for it. */
  #release(): void {
    for (const { link, group, program } of this.#attached.values()) {
      link.close()
      group.close()
      program.close()
    }
    this.#attached.clear()
    clearInterval(this.#thread?.timer)
    this.#thread = undefined
  }

  [Symbol.dispose](): void {
    clearInterval(this.#thread?.timer)
    for (const [number, { link }] of this.#attached) this.#detach(number, link)
    this.#send({ kind: 'end' })
    for (const resolve of this.#settled.values()) resolve()
    this.#thread = undefined
  }
}

function tryMark(link: FanotifyLink): readonly string[] {
  try {
    return link.mark()
  } catch (error) {
    return [(error as Error).message]
  }
}
