import { Collection, type Target } from '@tetragon-ts/ebpf/lang'
import { type MapSpec, waitForPrograms } from '@tetragon-ts/ebpf/maps'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import { EbpfError } from '@tetragon-ts/ebpf/sys'
import { refusalGeneration, refusalReporter, refusals } from '@tetragon-ts/sensors/compiler'
import type { SharedMaps } from './shared-maps.ts'

/** Length of a generation in milliseconds. */
const interval = 1000

const specs = [refusals, refusalGeneration] as readonly MapSpec[]

/**
 * Ends the generations in which equal refusals are counted, and reports the counts to the reader
 * through the ring. Everything is created for the first policy that counts refusals.
 */
export class EqualRefusals implements Disposable {
  /** Its maps and its program. */
  readonly collection: Collection
  readonly #ringSize: number
  readonly #warn: (message: string) => void
  #reporter: LoadedProgram | undefined
  #timer: NodeJS.Timeout | undefined
  #generation = 0

  /**
   * @param shared has the ring of all records
   * @param ringSize its size
   * @param warn gets the errors of reports that no caller waits for
   */
  constructor(
    target: Target,
    shared: SharedMaps,
    ringSize: number,
    warn: (message: string) => void,
  ) {
    this.collection = new Collection(target)
    for (const [spec, map] of shared) this.collection.borrow(spec, map)
    this.#ringSize = ringSize
    this.#warn = warn
  }

  /** Prepares for a policy that counts refusals. @throws SystemCallError */
  start(): void {
    this.#reporter ??= this.collection.load(refusalReporter(this.#ringSize))
    for (const spec of specs) this.collection.map(spec)
    this.#timer ??= setInterval(this.#onTime, interval).unref()
  }

  /** The maps for programs of policies, once it has started. */
  get maps(): SharedMaps {
    return [...this.collection.maps].filter(([spec]) => specs.includes(spec as MapSpec))
  }

  readonly #onTime = (): void => {
    try {
      this.report()
    } catch (error) {
      if (!(error instanceof EbpfError)) throw error
      this.#warn(`equal refusals were not reported: ${error.message}`)
    }
  }

  /**
   * Ends the generation: all hits so far are in the ring, with the hits that equal them. What the
   * ring has no room for is reported the next time.
   * @throws SystemCallError
   */
  report(): void {
    const reporter = this.#reporter
    const map = this.collection.existing(refusals)
    if (!reporter || !map || map.keys().next().done) return
    const ended = this.#generation
    this.#generation = (ended + 1) >>> 0
    this.collection.map(refusalGeneration).update(0, this.#generation)
    // Programs that read the number before may still count.
    waitForPrograms()
    const send = (...words: readonly bigint[]): boolean =>
      reporter.testRun({ context: new Uint8Array(BigUint64Array.from(words).buffer) })
        .returnValue === 1
    for (const [key, { count, last }] of [...map.entries()]) {
      const { generation, a, b } = key
      if (generation === this.#generation) continue
      if (count > 0n && !send(BigInt(generation), a, b, count, last)) return
      map.delete(key)
    }
    send(BigInt(ended), 0n, 0n, 0n, 0n)
  }

  /** Reports what is left: to be called after the policies are detached. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#onTime()
    this.collection.close()
  }
}
