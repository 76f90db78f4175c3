import type { Process } from './process.ts'

/** Images that replaced each other without a fork are remembered this far back. */
const longestChain = 64
/** So many ended processes are known by their pid for a while. */
const endedMax = 256

/**
 * The processes that events refer to: all live ones, and ended ones that live ones descend from.
 * Live ones are as many as the kernel has; ended ones go with their last descendant, and a process
 * that replaces its image over and over keeps only its latest ones.
 */
export class ProcessCache {
  readonly #live = new Map<number, Process>()
  readonly #ended = new Map<
    number,
    { readonly process: Process; readonly parent: Process | undefined }
  >()
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
    if (previous) this.#release(previous)
    this.#shorten(process)
  }

  /**
   * Whether ended processes are known for a while. Only policies ask for them, and what is kept longer
   * than a batch of records costs the garbage collector dearly.
   */
  keepsEnded = false

  /** The last process of a pid that ended lately: its closing of files comes after its end. */
  ended(
    pid: number,
  ): { readonly process: Process; readonly parent: Process | undefined } | undefined {
    return this.#ended.get(pid)
  }

  /** A live process ended. */
  remove(process: Process): void {
    const { pid, parent } = process
    if (this.keepsEnded) {
      this.#ended.delete(pid)
      this.#ended.set(pid, { process, parent })
    }
    if (this.#ended.size > endedMax) this.#ended.delete(this.#ended.keys().next().value as number)
    if (this.#live.get(process.pid) === process) this.#live.delete(process.pid)
    this.#release(process)
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
      detach(current)
      current = parent
    }
  }

  /** Cuts a chain of ended images of one pid. */
  #shorten(process: Process): void {
    let last = process
    for (let depth = 0; depth < longestChain; depth++) {
      if (last.parent?.pid !== process.pid) return
      last = last.parent
    }
    const { parent } = last
    if (!parent) return
    detach(last)
    this.#release(parent)
  }
}

/** Lets go of the parent, so that the chain behind it can be collected; its exec id stays. */
function detach(process: Process): void {
  ;(process as { parent: Process | undefined }).parent = undefined
}
