import { hookFlags } from '@tetragon-ts/compiler/hooks'
import type { EndedParents } from '../../processes/ended-parents.ts'
import type { Process } from '../../processes/process.ts'
import type { ProcessCache } from '../../processes/process-cache.ts'
import type { Backlog } from './backlog.ts'
import type { HeldImage } from './held-image.ts'
import type { LiveProcesses } from './reconciliation.ts'
import type { Found, HitProcess } from './unknown-processes.ts'

/** Maximum length of a line of held ancestors that is added at once. */
const lineMax = 64

/** What held processes need of the handler of process records. */
export interface HeldProcessesParts {
  readonly cache: ProcessCache
  readonly backlog: Backlog
  readonly live: Pick<LiveProcesses, 'startOf'>
  readonly ended: Pick<EndedParents, 'find'>
  /** Creates the process of an image. */
  make(image: HeldImage, parent: Process | undefined, cloner: Process | undefined): Process
}

/**
 * Processes whose events are not posted. They are added to the cache when an event refers to them:
 * as its process, or as an ancestor.
 */
export class HeldProcesses {
  readonly #parts: HeldProcessesParts
  /** Processes added to the cache. */
  added = 0

  constructor(parts: HeldProcessesParts) {
    this.#parts = parts
  }

  /** Reads what is in the ring of held records. */
  readAll(): void {
    this.#parts.backlog.readAll()
  }

  /** The image with this key, whose child is added to the cache next. */
  ancestor(pid: number, ktime: number): Process | undefined {
    const { backlog, ended } = this.#parts
    const image = backlog.find(pid, (each) => each.ktime === ktime)
    return image ? this.#ancestorOf(image, lineMax) : ended.find(pid, ktime)
  }

  /**
   * The program of the image with this key, as a process that is not added. Forks run that of their
   * cloner: the line of forks up to an exec has any length.
   */
  program(pid: number, ktime: number): Process | undefined {
    const { backlog, cache, ended, make } = this.#parts
    let key: HeldImage['parent'] | undefined = { pid, ktime }
    while (key !== undefined) {
      const { pid: of, ktime: since }: HeldImage['parent'] = key
      const known = cache.find(of, since) ?? ended.find(of, since)
      if (known) return known
      const image = backlog.find(of, (each) => each.ktime === since)
      if (image === undefined) return undefined
      if (image.process !== undefined && image.process.references > 0) return image.process
      if (image.kind === 'exec') return make(image, undefined, undefined)
      key = image.cloner
    }
    return undefined
  }

  /** Adds the image with this key, if the cache lacks it. */
  adopt(pid: number, ktime: number): void {
    const image = this.#parts.backlog.find(pid, (each) => each.ktime === ktime)
    if (image) this.#add(image)
  }

  /** Adds all images of a process that are held, for hits that only name the pid. */
  adoptAll(pid: number): void {
    const { backlog } = this.#parts
    if (this.#parts.cache.get(pid) !== undefined) return
    backlog.find(pid, () => true)
    for (const image of backlog.imagesOf(pid)) this.#add(image)
  }

  /** Adds the image of a hit. */
  readonly ofHit = ({ pid, start, execs, timeHigh, timeLow, flags = 0 }: HitProcess): Found => {
    const { backlog, cache } = this.#parts
    const time = timeHigh * 2 ** 32 + timeLow
    const isOf = (count: number) => (each: HeldImage) =>
      each.start === start && each.execs === count
    const exact = backlog.find(pid, isOf(execs))
    if (exact && exact.ktime <= time) {
      this.#add(exact)
      return 'added'
    }
    // The kernel counts an exec before it reports it.
    if (!exact && (flags & hookFlags.executing) === 0) return 'none'
    const count = (execs - 1) >>> 0
    const before = backlog.imagesOf(pid).findLast(isOf(count))
    if (before) this.#add(before)
    const live = cache.get(pid)
    return live?.start === start && live.execs === count ? 'previous' : 'none'
  }

  /**
   * The record of an image is dropped: the cache keeps the process if it lives.
   * @returns whether the cache has it
   */
  evicted(image: HeldImage): boolean {
    const { live, cache } = this.#parts
    const known = cache.get(image.pid)
    if (known?.start === image.start && known.execs >= image.execs) return true
    if (live.startOf(image.pid) !== image.start) return false
    this.#add(image)
    return true
  }

  #add(image: HeldImage): void {
    const { cache } = this.#parts
    const known = image.process
    if (known !== undefined && known.references > 0) {
      if (cache.get(image.pid) !== known) cache.findPast(known)
      return
    }
    const process = this.#make(image, this.#parentOf(image, lineMax))
    if (this.#isLive(image)) cache.add(process)
    else cache.addPast(process)
  }

  #ancestorOf(image: HeldImage, depth: number): Process {
    const { cache } = this.#parts
    if (image.process !== undefined && image.process.references > 0) return image.process
    const process = this.#make(image, this.#parentOf(image, depth - 1))
    if (this.#isLive(image)) cache.add(process)
    else {
      process.references = 0
      cache.addEnded(process)
    }
    return process
  }

  #parentOf(child: HeldImage, depth: number): Process | undefined {
    const { backlog, cache, ended } = this.#parts
    const { pid, ktime } = child.parent
    const live = cache.find(pid, ktime)
    if (live || depth === 0) return live
    const image = backlog.imagesOf(pid).findLast((each) => each.ktime === ktime)
    if (image) return this.#ancestorOf(image, depth)
    // The parent of an earlier image of this process stays that of later ones.
    const remembered = cache.get(child.pid)?.parent
    if (remembered?.pid === pid && remembered.ktime === ktime) return remembered
    return ended.find(pid, ktime) ?? cache.former(pid, ktime)
  }

  #make(image: HeldImage, parent: Process | undefined): Process {
    this.added++
    const process = this.#parts.make(image, parent, this.#clonerOf(image, parent))
    process.isHeld = true
    image.process = process
    return process
  }

  #clonerOf({ cloner }: HeldImage, parent: Process | undefined): Process | undefined {
    if (cloner === undefined) return undefined
    const { pid, ktime } = cloner
    if (parent?.pid === pid && parent.ktime === ktime) return parent
    return this.program(pid, ktime)
  }

  /** Whether it is the image that its process has now, as far as records have been read. */
  #isLive(image: HeldImage): boolean {
    const { backlog, cache } = this.#parts
    if (image.endedAt !== undefined || backlog.imagesOf(image.pid).at(-1) !== image) return false
    const known = cache.get(image.pid)
    return known === undefined || (known.start === image.start && known.execs < image.execs)
  }
}
