import type { HeldImage } from './held-image.ts'

const none: readonly HeldImage[] = []

/** Images of processes whose events are not posted, by pid; the oldest ones are evicted. */
export class Kept {
  readonly #max: { readonly records: number; readonly bytes: number }
  readonly #evicted: (image: HeldImage) => void
  readonly #byPid = new Map<number, HeldImage[]>()
  readonly #all = new Set<HeldImage>()
  /** Number of images that name a pid as their parent or cloner. */
  readonly #naming = new Map<number, number>()
  #bytes = 0

  /** @param evicted is called with each image that is evicted, before it is */
  constructor(
    max: { readonly records: number; readonly bytes: number },
    evicted: (image: HeldImage) => void,
  ) {
    this.#max = max
    this.#evicted = evicted
  }

  /** Images of a pid, oldest first. */
  of(pid: number): readonly HeldImage[] {
    return this.#byPid.get(pid) ?? none
  }

  /** Whether an image names the pid as its parent or cloner. */
  names(pid: number): boolean {
    return this.#naming.has(pid)
  }

  /** Adds an image, unless it is there: it may come from the kernel and by the ring. */
  add(image: HeldImage): void {
    const { pid, start, ktime } = image
    const before = this.of(pid)
    if (before.some((each) => each.start === start && each.ktime === ktime)) return
    this.#all.add(image)
    this.#countNames(image, 1)
    this.#bytes += image.record.length
    const next = before.findIndex((each) => each.ktime > ktime)
    this.#byPid.set(pid, next < 0 ? [...before, image] : before.toSpliced(next, 0, image))
    for (const oldest of this.#all) {
      if (this.#all.size <= this.#max.records && this.#bytes <= this.#max.bytes) break
      this.#evicted(oldest)
      this.#remove(oldest)
    }
  }

  /** Removes images. */
  drop(isOne: (image: HeldImage) => boolean): void {
    for (const image of this.#all) if (isOne(image)) this.#remove(image)
  }

  #remove(image: HeldImage): void {
    const { pid, record } = image
    if (!this.#all.delete(image)) return
    this.#bytes -= record.length
    this.#countNames(image, -1)
    const others = this.of(pid).filter((each) => each !== image)
    if (others.length > 0) this.#byPid.set(pid, others)
    else this.#byPid.delete(pid)
  }

  #countNames({ parent, cloner = parent }: HeldImage, change: 1 | -1): void {
    for (const { pid } of [parent, cloner]) {
      const count = (this.#naming.get(pid) ?? 0) + change
      if (count > 0) this.#naming.set(pid, count)
      else this.#naming.delete(pid)
    }
  }
}
