import { notCounting, refusalGeneration, refusalReporter, refusals } from '@tetragon-ts/compiler'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { EbpfError } from '@tetragon-ts/ebpf/errors'
import type { Target } from '@tetragon-ts/ebpf/lang'
import type { MapSpec } from '@tetragon-ts/ebpf/maps'
import { waitForPrograms } from '@tetragon-ts/ebpf/open-maps'
import type { LoadedProgram } from '@tetragon-ts/ebpf/programs'
import { RepeatedAction } from '@tetragon-ts/service/timers'
import type { SharedMaps } from './shared-maps.ts'

/** Length of a generation in milliseconds. */
const interval = 1000

const specs = [refusals, refusalGeneration] as readonly MapSpec[]

/**
 * Ends the generations in which equal refusals are counted, and reports the counts to the reader
 * through the ring. Everything is created for the first policy that counts refusals.
 */
export class RefusalGenerations implements Disposable {
  /** Its maps and its program. */
  readonly collection: Collection
  readonly #ringSize: number
  readonly #warn: (message: string) => void
  #reporter: LoadedProgram | undefined
  #reports: RepeatedAction | undefined
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
    const report = (): void => this.report()
    this.#reports ??= new RepeatedAction('report equal refusals', interval, report, this.#warn)
  }

  /** The maps for programs of policies, once it has started. */
  get maps(): SharedMaps {
    return [...this.collection.maps].filter(([spec]) => specs.includes(spec as MapSpec))
  }

  /** The same as `report`; errors become warnings, and the counts wait for the next time. */
  tryReport(next?: number): void {
    try {
      this.report(next)
    } catch (error) {
      if (!(error instanceof EbpfError)) throw error
      this.#warn(`equal refusals were not reported: ${error.message}`)
    }
  }

  /**
   * Ends the generation: all hits so far are in the ring, with the hits that equal them. Hits
   * that the ring has no room for are reported the next time.
   * @param next number of the next generation
   * @throws SystemCallError
   */
  report(next = (this.#generation + 1) % notCounting): void {
    const reporter = this.#reporter
    const map = this.collection.existing(refusals)
    if (!reporter || !map) return
    if (next !== notCounting && map.keys().next().done) return
    const ended = this.#generation
    this.#generation = next
    this.collection.map(refusalGeneration).update(0, next)
    // Programs that read the number before may still count.
    waitForPrograms()
    const send = (...words: readonly bigint[]): boolean =>
      reporter.testRun({ context: new Uint8Array(BigUint64Array.from(words).buffer) })
        .returnValue === 1
    let isFull = false
    for (const [key, { count, last }] of [...map.entries()]) {
      const { generation, a, b } = key
      if (generation === next) continue
      if (count > 0n && !isFull) isFull = !send(BigInt(generation), a, b, count, last)
      if (count === 0n || !isFull) map.delete(key)
    }
    if (!isFull) send(BigInt(ended), 0n, 0n, 0n, 0n)
  }

  /**
   * Reports what is left. Programs that stay attached post each refusal from then on.
   */
  [Symbol.dispose](): void {
    this.#reports?.[Symbol.dispose]()
    this.tryReport(notCounting)
    this.collection.close()
  }
}
