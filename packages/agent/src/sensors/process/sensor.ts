import { Collection, type Target } from '@tetragon-ts/ebpf/lang'
import type { FdLink } from '@tetragon-ts/ebpf/links'
import { runIterator } from '@tetragon-ts/ebpf/links'
import { createMap, type OpenMap, possibleCpus, ringBuffer } from '@tetragon-ts/ebpf/maps'
import { execProgram } from './exec.ts'
import { exitProgram } from './exit.ts'
import { forkProgram } from './fork.ts'
import type { CgroupHierarchy } from './identity.ts'
import { events, execScratch, type LossKind, losses, lossKinds } from './maps.ts'
import { runningProgram } from './running.ts'

/**
 * The kernel leaves out a program that is still at work on the same CPU for a task that was
 * preempted in it; kernels of the 7 series run these hooks preemptibly. So each program is attached
 * twice; they are made so that the second copy does nothing where the first one was.
 */
const copies = 2

export interface ProcessSensorOptions {
  readonly target: Target
  readonly hierarchy: CgroupHierarchy
  /** Bytes; a power of two and a multiple of the page size. */
  readonly ringSize: number
  readonly environment: boolean
}

/** The kernel side of process events: exec, fork, exit, and who runs already. */
export class ProcessSensor implements Disposable {
  readonly #collection: Collection
  readonly #options: ProcessSensorOptions
  readonly ring: OpenMap<undefined, undefined>

  constructor(options: ProcessSensorOptions) {
    this.#options = options
    this.#collection = new Collection(options.target)
    // Programs refer to the ring by its declaration; its size is this run's choice.
    this.ring = createMap(ringBuffer(events.name, { size: options.ringSize }))
    this.#collection.share(events, this.ring)
  }

  /** Watches from now on. @throws LanguageError, VerifierError, SystemCallError */
  attach(): void {
    const { hierarchy, environment } = this.#options
    for (let copy = 0; copy < copies; copy++) {
      const scratch = execScratch(possibleCpus())
      this.#collection.attach(exitProgram())
      this.#collection.attach(execProgram({ hierarchy, environment, scratch }))
      this.#collection.attach(forkProgram(hierarchy))
    }
  }

  /** Sends a record for each process that runs already; the reader must be at work. */
  takeInRunning(): void {
    using link = this.#collection.attach(runningProgram(this.#options.hierarchy)) as FdLink
    runIterator(link)
  }

  /** Records and table entries that were lost in the kernel, by kind. */
  losses(): Record<LossKind, number> {
    const map = this.#collection.map(losses)
    return Object.fromEntries(
      lossKinds.map((kind, index) => [kind, Number(map.lookup(index) ?? 0n)]),
    ) as Record<LossKind, number>
  }

  /**
   * How many hits every copy of a program may have missed, at most: a hit is lost only if the kernel
   * left out each of them. Kernel 5.12 counts that.
   */
  possiblyMissed(): number {
    const fewest = new Map<string, number>()
    for (const program of this.#collection.programs) {
      const misses = Number(program.info().recursionMisses)
      fewest.set(program.name, Math.min(misses, fewest.get(program.name) ?? Infinity))
    }
    return [...fewest.values()].reduce((sum, misses) => sum + misses, 0)
  }

  get collection(): Collection {
    return this.#collection
  }

  [Symbol.dispose](): void {
    this.#collection.close()
  }
}
