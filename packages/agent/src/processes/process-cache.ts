import { ancestorsOf } from './ancestors.ts'
import type { Process } from './process.ts'

// Processes that execute programs in a loop, and long lines of ended processes, must not let the
// cache grow without limit. The farthest images and processes are removed, but those above them
// stay linked: only distant ancestors are missing from events.
/** Maximum number of successive images of a process without a fork. */
const imagesMax = 16
/** Maximum length of a line of ended processes. */
const endedLineMax = 64
/** Maximum number of ended processes that are found by their pid; with earlier images. */
const endedMax = { usual: 256, withImages: 4096 }
const none: readonly Process[] = []
/** Number of images that may be named as a parent although they have just ended. */
const formerMax = 64

/** An image with its ancestors; an ended image drops its own reference to them. */
export interface KeptProcess {
  readonly process: Process
  readonly parent: Process | undefined
  readonly ancestors: readonly Process[]
}

/**
 * The processes that events refer to: live processes and their ended ancestors. Live ones are
 * limited by the kernel; ended ones are removed with their last descendant. Of many images of a
 * process, and of a long line of ended processes, only the latest and their common ancestor are
 * kept.
 */
export class ProcessCache {
  readonly #live = new Map<number, Process>()
  readonly #ended = new Map<number, KeptProcess>()
  /** The images that ended or were replaced last, and their parents at that time. */
  readonly #former: { process?: Process; parent?: Process | undefined }[] = Array.from(
    { length: formerMax },
    () => ({}),
  )
  #nextFormer = 0
  #remembered = 0

  /** The live image of a pid. */
  get(pid: number): Process | undefined {
    return this.#live.get(pid)
  }

  /** The live image if it is this one; undefined if the pid was reused. */
  find(pid: number, ktime: number): Process | undefined {
    const process = this.#live.get(pid)
    return process?.ktime === ktime ? process : undefined
  }

  /** Adds a live process; an image that it replaces is kept while there are references to it. */
  add(process: Process): void {
    const { pid, parent } = process
    this.#remembered++
    if (parent) parent.references++
    const previous = this.#live.get(pid)
    this.#live.set(pid, process)
    if (!previous) return
    this.#letGo(previous)
    this.#forgetImage(process)
  }

  /**
   * Whether ended processes are kept for a while. Only policies need them, and objects that outlive
   * a batch of records are expensive for the garbage collector.
   */
  keepsEnded = false
  /** Whether their ancestors are kept with them. */
  keepsAncestors = false
  /**
   * Whether ended processes are kept with their earlier images, for records that are read long
   * after the exit.
   */
  keepsImages = false

  /** The last process of a pid that ended recently: it closes its files after its exit record. */
  ended(pid: number): KeptProcess | undefined {
    return this.#ended.get(pid)
  }

  /** An image with its current ancestors, for events that are written later. */
  keep(process: Process): KeptProcess {
    const { parent } = process
    const isWhole = this.keepsAncestors || this.keepsImages
    return { process, parent, ancestors: isWhole ? ancestorsOf(parent) : none }
  }

  /** Called with each live process that ends, before it is dropped. */
  onEnd: ((process: Process) => void) | undefined

  /** Keeps a process, with its ancestors, until `release`. */
  hold(process: Process): void {
    process.references++
  }

  /** Ends a `hold`. */
  release(process: Process): void {
    this.#release(process)
  }

  /** A live process ended. */
  remove(process: Process): void {
    const { pid } = process
    this.onEnd?.(process)
    if (this.keepsEnded || this.keepsImages) {
      this.#ended.delete(pid)
      this.#ended.set(pid, this.keep(process))
    }
    const max = this.keepsImages ? endedMax.withImages : endedMax.usual
    for (const oldest of this.#ended.keys()) {
      if (this.#ended.size <= max) break
      this.#ended.delete(oldest)
    }
    this.drop(process)
  }

  /** A live process ended, but is not known well enough for later events. */
  drop(process: Process): void {
    if (this.#live.get(process.pid) === process) this.#live.delete(process.pid)
    this.#letGo(process)
    if (process.references > 0) this.#forgetEnded(process)
  }

  /**
   * An image that ended or was replaced a moment ago, as the parent of a process that is added
   * next. With CLONE_PARENT the parent runs on while its child is made, and the record of its exit
   * or exec on another processor may precede that of the fork.
   */
  former(pid: number, ktime: number): Process | undefined {
    const replaced = imageOf(this.#live.get(pid), ktime)
    if (replaced) return replaced
    const found = this.#former.find(({ process }) => {
      return process?.pid === pid && process.ktime === ktime
    })
    const process = found?.process
    if (process === undefined || process.references > 0) return process
    const { parent } = found ?? {}
    const isKept = parent === undefined || parent.references > 0
    setParent(process, isKept ? parent : this.former(parent.pid, parent.ktime))
    this.addEnded(process)
    return process
  }

  /** Adds a process that is only known as a parent; its children are added next. */
  addEnded(process: Process): void {
    this.#remembered++
    if (process.parent) process.parent.references++
  }

  /** Finds the parents of live processes that were added before their parents. */
  findParents(): void {
    const byId = new Map([...this.#live.values()].map((process) => [process.execId, process]))
    for (const process of this.#live.values()) {
      const parent = byId.get(process.parentExecId)
      if (process.parent || !parent || parent === process) continue
      setParent(process, parent)
      parent.references++
    }
  }

  /** Adds an image that has already ended, or was replaced, for hits of it. */
  addPast(process: Process): void {
    this.addEnded(process)
    this.findPast(process)
    this.#release(process)
  }

  /** Lets hits find an image that is only known as an ancestor. */
  findPast(process: Process): void {
    this.#ended.delete(process.pid)
    this.#ended.set(process.pid, this.keep(process))
  }

  /** All live processes. */
  get live(): Iterable<Process> {
    return this.#live.values()
  }

  /** Live processes. */
  get liveCount(): number {
    return this.#live.size
  }

  /** All processes, including ended ones. */
  get size(): number {
    return this.#remembered
  }

  /** Releases an image that has ended or was replaced. */
  #letGo(process: Process): void {
    const former = this.#former[this.#nextFormer]!
    this.#nextFormer = (this.#nextFormer + 1) % formerMax
    former.process = process
    former.parent = process.parent
    this.#release(process)
  }

  #release(process: Process): void {
    let current: Process | undefined = process
    while (current && --current.references === 0) {
      this.#remembered--
      const { parent }: Process = current
      // So that its ancestors can be collected.
      setParent(current, undefined)
      current = parent
    }
  }

  /** Drops the oldest image of a process that replaced its image too often. */
  #forgetImage(process: Process): void {
    let last = process
    for (let images = 1; images < imagesMax; images++) {
      if (last.parent?.pid !== process.pid) return
      last = last.parent
    }
    if (last.parent?.pid === process.pid) this.#forgetParent(last, last.parent)
  }

  /** Drops the most distant ones of a line of ended processes that is too long. */
  #forgetEnded(process: Process): void {
    let last = process
    let line = 1
    for (;;) {
      const { parent } = last
      if (!parent || this.#isLive(parent)) return
      const isOther = parent.pid !== last.pid
      if (isOther && line === endedLineMax) this.#forgetParent(last, parent)
      else {
        if (isOther) line++
        last = parent
      }
    }
  }

  /** Removes the parent of a process from its line. */
  #forgetParent(process: Process, parent: Process): void {
    if (parent.parent) parent.parent.references++
    setParent(process, parent.parent)
    this.#release(parent)
  }

  #isLive(process: Process): boolean {
    return this.#live.get(process.pid) === process
  }
}

/** The image of a process that began at a time: this one or an earlier one. */
export function imageOf(latest: Process | undefined, ktime: number): Process | undefined {
  for (let image = latest; image && image.pid === latest?.pid; image = image.parent) {
    if (image.ktime === ktime) return image
  }
  return undefined
}

/** Sets the ancestors of a process as far as they are cached; the exec id of its parent stays. */
export function setParent(process: Process, parent: Process | undefined): void {
  ;(process as { parent: Process | undefined }).parent = parent
}
