import type { ImageKey, RunningProcess } from './start-order.ts'

/** The processes that a walk has found, by their parents. Each is written once. */
export class RunningFamilies {
  readonly #write: (running: RunningProcess) => void
  readonly #children = new Map<string, RunningProcess[]>()
  readonly #byPid = new Map<number, RunningProcess>()
  readonly #left: Set<RunningProcess>

  constructor(all: readonly RunningProcess[], write: (running: RunningProcess) => void) {
    this.#write = write
    this.#left = new Set(all)
    for (const running of all) {
      this.#byPid.set(running.process.pid, running)
      const key = keyOf(running.parent)
      const siblings = this.#children.get(key)
      if (siblings) siblings.push(running)
      else this.#children.set(key, [running])
    }
  }

  /**
   * Writes the families whose first parent was not found.
   * @param isDelayed whether a family of this parent has to wait
   */
  writeRoots(isDelayed: (parent: ImageKey) => boolean): void {
    for (const running of this.#left) {
      const isRoot = this.#parentOf(running) === undefined
      if (isRoot && !isDelayed(running.parent)) this.#writeTree(running)
    }
  }

  /** Writes all that are left. */
  writeRest(): void {
    this.writeRoots(() => false)
    for (const running of this.#left) this.#writeTree(running)
  }

  /** Writes the children of an image, and their descendants. */
  writeChildren(image: ImageKey): void {
    for (const child of this.#children.get(keyOf(image)) ?? []) this.#writeTree(child)
  }

  /** Writes the process with this pid with its family, from its first ancestor that was found. */
  writePid(pid: number | undefined): void {
    const found = pid === undefined ? undefined : this.#byPid.get(pid)
    if (!found || !this.#left.has(found)) return
    let top = found
    let parent = this.#parentOf(top)
    // Bounded, although no process is its own ancestor.
    for (let steps = this.#left.size; parent && steps > 0; steps--) {
      top = parent
      parent = this.#parentOf(top)
    }
    this.#writeTree(top)
  }

  /** The parent if it was found and is not written yet. */
  #parentOf({ parent }: RunningProcess): RunningProcess | undefined {
    const found = this.#byPid.get(parent.pid)
    const isParent = found !== undefined && keyOf(found.process) === keyOf(parent)
    return isParent && this.#left.has(found) ? found : undefined
  }

  #writeTree(top: RunningProcess): void {
    const stack = [top]
    for (let next = stack.pop(); next; next = stack.pop()) {
      if (!this.#left.delete(next)) continue
      this.#write(next)
      stack.push(...(this.#children.get(keyOf(next.process)) ?? []).toReversed())
    }
  }
}

/** Starts below 2^53 ns, 104 days, are exact; later ones still differ by more than the error. */
export function keyOf({ pid, ktime }: ImageKey): string {
  return `${pid} ${ktime}`
}
