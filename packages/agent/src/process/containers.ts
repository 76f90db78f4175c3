import { readFileSync } from 'node:fs'
import { containerIdOfCgroup, containerIdOfCgroupPath } from './container-id.ts'

const capacity = 4096

/** Container ids by control group, so that a group's name is looked at once. */
export class Containers {
  readonly #procfs: string
  readonly #known = new Map<number, string>()
  /** Of groups that nothing is known of: processes that were met so far. */
  readonly #misses = new Map<number, number>()

  constructor(procfs: string) {
    this.#procfs = procfs
  }

  /**
   * Container id of a control group.
   * @param cgroup its id in the kernel
   * @param name its own name; the groups above it are asked for when it names no container
   * @param pid a process in it
   */
  lookup(cgroup: number, name: string | undefined, pid: number): string {
    const known = this.#known.get(cgroup)
    if (known !== undefined) return known
    const id = containerIdOfCgroup(name ?? '') || this.#ask(cgroup, pid)
    // Unknown: the process is gone. A later one of the group will tell.
    if (id === undefined) return ''
    // First in, first out: groups come and go, and a forgotten one is only looked at again.
    if (this.#known.size >= capacity) {
      const [oldest] = this.#known.keys()
      this.#known.delete(oldest)
    }
    this.#known.set(cgroup, id)
    return id
  }

  /** What the kernel side said of a group before, e.g. for a process that was forked in it. */
  known(cgroup: number): string | undefined {
    return this.#known.get(cgroup)
  }

  /**
   * Asks for the 1st, 2nd, 4th, 8th … process of a group whose processes are gone each time: short
   * ones that come by the thousand must not cost a failing read each.
   */
  #ask(cgroup: number, pid: number): string | undefined {
    const misses = this.#misses.get(cgroup) ?? 0
    const isTurn = (misses & (misses - 1)) === 0
    const id = isTurn ? this.#fromProcfs(pid) : undefined
    if (this.#misses.size >= capacity) this.#misses.clear()
    if (id === undefined) this.#misses.set(cgroup, misses + 1)
    else this.#misses.delete(cgroup)
    return id
  }

  /** Empty if no group of the process names a container; undefined if it is gone already. */
  #fromProcfs(pid: number): string | undefined {
    const text = this.#read(pid)
    if (text === '') return undefined
    for (const line of text.split('\n')) {
      const id = containerIdOfCgroupPath(line)
      if (id !== '') return id
    }
    return ''
  }

  #read(pid: number): string {
    try {
      return readFileSync(`${this.#procfs}/${pid}/cgroup`, 'utf8')
    } catch {
      return ''
    }
  }
}
