import { MappingEvents, type MappingObserver, onlineCpus } from '@tetragon-ts/ebpf/perf-ring'
import { SystemCallError } from '@tetragon-ts/ebpf/sys'

/** Bytes of the ring of a CPU: about 2,000 mappings. */
const ringSize = 1 << 18
/** How often the list of CPUs is read, in milliseconds. */
const lookMs = 10_000
/** Maximum number of records that are read from a ring before the others are read. */
const readMax = 2048

type Ring = Pick<MappingEvents, 'pending' | 'read' | 'close'>

/** What opens the rings; replaced in tests. */
interface RingParts {
  readonly cpus: () => readonly number[]
  /** @throws SystemCallError */
  readonly open: (cpu: number) => Ring
}

const kernelRings: RingParts = { cpus: onlineCpus, open: (cpu) => new MappingEvents(cpu, ringSize) }

/**
 * The rings of all CPUs that are online. A CPU that comes online later is watched after up to ten
 * seconds: the kernel does not report it.
 */
export class MappingRings {
  readonly #warn: (message: string) => void
  readonly #parts: RingParts
  readonly #rings = new Map<number, Ring>()
  #lookAt = performance.now() + lookMs
  #hasWarned = false

  /**
   * @param warn called once, with the reason why a CPU that came online later is not watched
   * @throws SystemCallError if the kernel refuses a ring; then none stays open
   */
  constructor(warn: (message: string) => void, parts: RingParts = kernelRings) {
    this.#warn = warn
    this.#parts = parts
    const refusal = this.#open(parts.cpus())
    if (refusal === undefined) return
    this.close()
    throw refusal
  }

  /** Bytes of kernel memory. */
  get memory(): number {
    return this.#rings.size * ringSize
  }

  /** Whether a ring is so full that it must be read soon. */
  get isBusy(): boolean {
    return [...this.#rings.values()].some(({ pending }) => pending > ringSize / 8)
  }

  /** Reads all rings, each in the order of times. @returns see `MappingSource` */
  read(observer: MappingObserver): number {
    let complete = Number.POSITIVE_INFINITY
    for (const ring of this.#rings.values()) {
      const last = ring.read(observer, readMax)
      if (last !== undefined) complete = Math.min(complete, Number(last))
    }
    return complete
  }

  /** Reads all that is in the rings now, which is at most their size. */
  readAll(observer: MappingObserver): void {
    for (const ring of this.#rings.values()) ring.read(observer)
  }

  /**
   * Opens rings of CPUs that are online now, and closes the others: the kernel has ended their
   * events. Does nothing if the last call was less than ten seconds ago.
   */
  followCpus(observer: MappingObserver): void {
    if (performance.now() < this.#lookAt) return
    this.#lookAt = performance.now() + lookMs
    const refusal = this.#follow(observer)
    if (refusal === undefined || this.#hasWarned) return
    this.#hasWarned = true
    this.#warn(`loader events of some CPUs are missing: ${refusal.message}`)
  }

  /** @returns why a CPU is not watched; the next call tries it again */
  #follow(observer: MappingObserver): Error | undefined {
    let online: readonly number[]
    try {
      online = this.#parts.cpus()
    } catch (error) {
      return toError(error)
    }
    for (const [cpu, ring] of this.#rings) {
      if (online.includes(cpu)) continue
      ring.read(observer)
      ring.close()
      this.#rings.delete(cpu)
    }
    return this.#open(online)
  }

  /** Opens the rings that are missing. @returns the first error */
  #open(cpus: readonly number[]): Error | undefined {
    let refusal: Error | undefined
    for (const cpu of cpus) {
      if (this.#rings.has(cpu)) continue
      try {
        this.#rings.set(cpu, this.#parts.open(cpu))
      } catch (error) {
        // ENODEV: the CPU has just gone offline.
        const isGone = error instanceof SystemCallError && error.errno === 'ENODEV'
        if (!isGone) refusal ??= toError(error)
      }
    }
    return refusal
  }

  close(): void {
    for (const ring of this.#rings.values()) ring.close()
    this.#rings.clear()
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
