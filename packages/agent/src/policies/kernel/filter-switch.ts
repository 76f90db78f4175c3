import { bootTimeNs } from '@tetragon-ts/ebpf/sys'
import type { PolicyDocument } from '@tetragon-ts/policy'
import type { ProcessSensor } from '@tetragon-ts/sensors/process'
import type { ReaderThread } from '../../reader/reader-thread.ts'

/** The kernel side that filters process events. */
export type FilteringSensor = Pick<
  ProcessSensor,
  'held' | 'tableFd' | 'runAfterFilters' | 'detachEarly' | 'filterMode'
>

/** Whether a policy filters process events. */
export function filtersProcesses({ policy }: PolicyDocument): boolean {
  return policy.hooks.some(({ section }) => section === 'processes')
}

/** Held process events: on while at least one policy has `processes`. */
export class FilterSwitch {
  readonly #sensor: FilteringSensor
  readonly #reader: Pick<ReaderThread, 'openBacklog'>
  readonly #users = new Set<PolicyDocument>()
  /** Policies with events of executable mappings, which name processes that may have ended. */
  readonly #mappings = new Set<PolicyDocument>()
  #isOpen = false
  /** Whether filters have been attached at any time. */
  #isAttached = false
  /** Boot time since when execs are reported after all filters; undefined: they are. */
  #movedAt: bigint | undefined

  constructor(sensor: FilteringSensor, reader: Pick<ReaderThread, 'openBacklog'>) {
    this.#sensor = sensor
    this.#reader = reader
  }

  /** A policy will be attached: the reader gets the ring of held records. */
  async acquire(document: PolicyDocument): Promise<void> {
    if (document.policy.loader) {
      this.#mappings.add(document)
      this.#setMode()
    }
    if (!filtersProcesses(document)) return
    if (!this.#isOpen) {
      await this.#reader.openBacklog({ ...this.#sensor.held, tableFd: this.#sensor.tableFd })
      this.#isOpen = true
    }
    this.#users.add(document)
  }

  /** The filters of a policy are attached: they decide once `settle` has found the order right. */
  attached(document: PolicyDocument): void {
    if (!filtersProcesses(document)) return
    this.#sensor.runAfterFilters()
    this.#isAttached = true
    this.#setMode()
    this.#movedAt = bootTimeNs()
  }

  #setMode(): void {
    if (!this.#isAttached) return
    const isOn = this.#users.size > 0
    this.#sensor.filterMode = !isOn ? 'off' : this.#mappings.size > 0 ? 'pass' : 'keep'
  }

  /** Whether a policy was attached before the program that reports execs. */
  precedesReport({ attachedAt }: { readonly attachedAt: bigint }): boolean {
    return this.#movedAt !== undefined && attachedAt < this.#movedAt
  }

  /** All hooks at execs run after the program that reports them: filters decide from now on. */
  settle(): void {
    if (this.#movedAt === undefined) return
    this.#sensor.detachEarly()
    this.#movedAt = undefined
  }

  /** A policy is unloaded. Processes that are held stay so. */
  release(document: PolicyDocument): void {
    this.#mappings.delete(document)
    this.#users.delete(document)
    this.#setMode()
  }
}
