import { ancestorsOf } from './ancestors.ts'
import type { Process } from './process.ts'

/** Images that replaced each other without a fork are remembered this far back. */
const imagesMax = 16
/** Ended processes that descend from each other are remembered this far back. */
const endedLineMax = 64
/** So many ended processes are known by their pid for a while. */
const endedMax = 256
const none: readonly Process[] = []

/** An image with what it descends from; an image that ended lets go of that itself. */
export interface KeptProcess {
  readonly process: Process
  readonly parent: Process | undefined
  readonly ancestors: readonly Process[]
}

/**
 * The processes that events refer to: all live ones, and ended ones that live ones descend from.
 * Live ones are as many as the kernel has; ended ones go with their last descendant. Of many images
 * of a process, and of a long line of ended processes, only the latest are kept, and whom they all
 * descend from.
 */
export class ProcessCache {
  readonly #live = new Map<number, Process>()
  readonly #ended = new Map<number, KeptProcess>()
  #remembered = 0

  /** The live image of a pid. */
  get(pid: number): Process | undefined {
    return this.#live.get(pid)
  }

  /** The live image if it is this one; a pid that came back for another process is none. */
  find(pid: number, ktime: number): Process | undefined {
    const process = this.#live.get(pid)
    return process?.ktime === ktime ? process : undefined
  }

  /** Adds a live process; an image that it replaces is remembered as long as it is referred to. */
  add(process: Process): void {
    const { pid, parent } = process
    this.#remembered++
    if (parent) parent.references++
    const previous = this.#live.get(pid)
    this.#live.set(pid, process)
    if (!previous) return
    this.#release(previous)
    this.#forgetImage(process)
  }

  /**
   * Whether ended processes are known for a while. Only policies ask for them, and what is kept
   * longer than a batch of records costs the garbage collector dearly.
   */
  keepsEnded = false
  /** Whether their ancestors are kept with them. */
  keepsAncestors = false

  /** The last process of a pid that ended lately: its closing of files comes after its end. */
  ended(pid: number): KeptProcess | undefined {
    return this.#ended.get(pid)
  }

  /** An image with what it descends from now, for events that are written later. */
  keep(process: Process): KeptProcess {
    const { parent } = process
    return { process, parent, ancestors: this.keepsAncestors ? ancestorsOf(parent) : none }
  }

  /** A live process ended. */
  remove(process: Process): void {
    const { pid } = process
    if (this.keepsEnded) {
      this.#ended.delete(pid)
      this.#ended.set(pid, this.keep(process))
    }
    if (this.#ended.size > endedMax) this.#ended.delete(this.#ended.keys().next().value as number)
    this.drop(process)
  }

  /** A live process ended without being known well enough for events that come after its end. */
  drop(process: Process): void {
    if (this.#live.get(process.pid) === process) this.#live.delete(process.pid)
    this.#release(process)
    if (process.references > 0) this.#forgetEnded(process)
  }

  /** Adds a process that is known as a parent only; its children are added next. */
  addEnded(process: Process): void {
    this.#remembered++
    if (process.parent) process.parent.references++
  }

  /** Finds the parents of live processes that were added before them. */
  findParents(): void {
    const byId = new Map([...this.#live.values()].map((process) => [process.execId, process]))
    for (const process of this.#live.values()) {
      const parent = byId.get(process.parentExecId)
      if (process.parent || !parent || parent === process) continue
      setParent(process, parent)
      parent.references++
    }
  }

  /** All live processes. */
  get live(): Iterable<Process> {
    return this.#live.values()
  }

  /** Live processes. */
  get liveCount(): number {
    return this.#live.size
  }

  /** All processes, ended ones included. */
  get size(): number {
    return this.#remembered
  }

  #release(process: Process): void {
    let current: Process | undefined = process
    while (current && --current.references === 0) {
      this.#remembered--
      const { parent }: Process = current
      // So that the chain behind it can be collected.
      setParent(current, undefined)
      current = parent
    }
  }

  /** Forgets the oldest image of a process that replaced its image too often. */
  #forgetImage(process: Process): void {
    let last = process
    for (let images = 1; images < imagesMax; images++) {
      if (last.parent?.pid !== process.pid) return
      last = last.parent
    }
    if (last.parent?.pid === process.pid) this.#forgetParent(last, last.parent)
  }

  /** Forgets the farthest ones of a line of ended processes that got too long. */
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

  /** Takes the parent of a process out of its line. */
  #forgetParent(process: Process, parent: Process): void {
    if (parent.parent) parent.parent.references++
    setParent(process, parent.parent)
    this.#release(parent)
  }

  #isLive(process: Process): boolean {
    return this.#live.get(process.pid) === process
  }
}

/** Sets what a process descends from as far as it is remembered; its parent's exec id stays. */
export function setParent(process: Process, parent: Process | undefined): void {
  ;(process as { parent: Process | undefined }).parent = parent
}
