import type { Container } from '@tetragon-ts/api'
import type { WorkloadSelection } from '@tetragon-ts/compiler/hooks'
import { workloadSetsMax } from '@tetragon-ts/sensors'
import { type ContainerPod, isUnnamed } from '../../processes/workload.ts'
import type { Pods } from '../pods.ts'
import { type ListedWorkload, listedPod } from './listed-workload.ts'
import {
  compileSelection,
  type PodState,
  type SelectablePod,
  type Selected,
  type Selects,
} from './selection.ts'
import { SetBits, type WorkloadMap, writeBit } from './workload-map.ts'

/** How often unknown pods are looked up again, in milliseconds, and how many of them. */
const retryMs = 100
const retriesMax = 64
/** Milliseconds after which no record of a removed group can be in the ring. */
const goneMs = 60_000

/** A set of workloads with its number. */
export interface NumberedSelection {
  readonly number: number
  readonly selection: WorkloadSelection
}

/** A control group in the kernel's table. */
interface Group {
  /** Full ids of its containers, innermost first. */
  readonly ids: readonly string[]
  /** A process whose ancestors may include the runtime. */
  readonly pid: number
  readonly since: number
  readonly bits: SetBits
  pod: ContainerPod | undefined
  /** Whether a set is unknown. */
  isUnknown: boolean
  /** Its entry is gone; kept until its hits are decided. */
  hasEnded: boolean
}

/**
 * Decides which control groups belong to which sets of workloads, and writes that to the kernel.
 * Programs enter a group before a process can run in it, with unknown sets; hits in between are
 * decided later, see `UncertainHits`.
 */
export class PolicySets {
  readonly #pods: Pick<Pods, 'known' | 'cached'>
  readonly #now: () => number
  readonly #sets = new Map<number, Selects>()
  /** A bit for each of these sets. */
  readonly #inUse = new Uint8Array(workloadSetsMax / 8)
  readonly #groups = new Map<number, Group>()
  readonly #unknown = new Set<number>()
  /** Groups without an entry whose end was not read yet, with the time of the discovery. */
  readonly #gone = new Map<number, number>()
  #map: WorkloadMap | undefined
  #nextAt = Number.POSITIVE_INFINITY
  /** Called when a set of a group is no longer unknown. */
  onDecided: ((cgroup: number) => void) | undefined
  /** Whether hits of a group wait for its decision. */
  isAwaited: (cgroup: number) => boolean = () => false

  constructor(pods: Pick<Pods, 'known' | 'cached'>, now = () => performance.now()) {
    this.#pods = pods
    this.#now = now
  }

  /** Whether a policy selects workloads. */
  get isOpen(): boolean {
    return this.#map !== undefined
  }

  /** Numbers of groups: all, and those with unknown sets. */
  get counts(): { readonly groups: number; readonly unknown: number } {
    return { groups: this.#groups.size, unknown: this.#unknown.size }
  }

  /** A policy selects workloads: groups are reported from now on. */
  open(map: WorkloadMap): void {
    this.#map = map
  }

  /** No policy selects workloads any more. */
  close(): void {
    this.#map = undefined
    this.#groups.clear()
    this.#unknown.clear()
    this.#gone.clear()
    this.#sets.clear()
    this.#inUse.fill(0)
    this.#nextAt = Number.POSITIVE_INFINITY
  }

  /** Adds sets; when it returns, the kernel's table has all known members. */
  add(sets: readonly NumberedSelection[]): void {
    for (const { number, selection } of sets) {
      this.#sets.set(number, compileSelection(selection))
      writeBit(this.#inUse, number, true)
    }
    const numbers = sets.map(({ number }) => number)
    for (const [cgroup, group] of [...this.#groups]) this.#decide(cgroup, group, numbers)
  }

  /** Removes sets. Their numbers are unknown until another set has them. */
  remove(numbers: readonly number[]): void {
    for (const number of numbers) {
      this.#sets.delete(number)
      writeBit(this.#inUse, number, false)
    }
    for (const [cgroup, group] of [...this.#groups]) {
      const changed = numbers.map((number) => group.bits.set(number, 'unknown'))
      if (changed.includes(true)) this.#write(cgroup, group)
      this.#setUnknown(cgroup, group)
    }
  }

  /**
   * The kernel entered a group into its table.
   * @param ids full ids of its containers, innermost first; none: it belongs to no container
   * @param pid a process whose ancestors may include the runtime; 0: the kernel may have no entry
   */
  entered(cgroup: number, ids: readonly string[], pid: number): void {
    this.#forgetGone()
    if (!this.isOpen || this.#groups.has(cgroup)) return
    const bits = new SetBits()
    // Its first record was lost, or it is inside a container of a pod and has no entry.
    if (pid === 0 && this.#map?.write(cgroup, bits) === false) return
    const since = this.#now()
    const group = { ids, pid, since, bits, pod: undefined, isUnknown: true, hasEnded: false }
    this.#groups.set(cgroup, group)
    this.#unknown.add(cgroup)
    this.#decide(cgroup, group)
  }

  /** The kernel removed a group. */
  ended(cgroup: number): void {
    const group = this.#groups.get(cgroup)
    if (group === undefined) return
    group.hasEnded = true
    if (!group.isUnknown || !this.isAwaited(cgroup)) this.#forget(cgroup)
  }

  /** The pod of a group was found by one of its processes. */
  found(cgroup: number): void {
    const group = this.#groups.get(cgroup)
    if (group?.isUnknown) this.#decide(cgroup, group)
  }

  /** These pods have changed, or are known now: decides their groups, and no others. */
  podsChanged(changed: ReadonlySet<ContainerPod>): void {
    for (const [cgroup, group] of [...this.#groups]) {
      const { pod = this.#pods.cached(group.ids).pod } = group
      if (pod !== undefined && changed.has(pod)) this.#decide(cgroup, group)
    }
  }

  /** Whether a group belongs to a set. */
  state(cgroup: number, set: number): Selected {
    return this.#groups.get(cgroup)?.bits.get(set) ?? 'unknown'
  }

  /**
   * The containers whose groups are known, and their sets. Groups of the same containers are one.
   * @param keys the labels of pods to include
   */
  list(keys: readonly string[]): ListedWorkload[] {
    const listed = new Map<string, ListedWorkload>()
    for (const [cgroup, { ids, pod, bits, hasEnded }] of this.#groups) {
      // Groups of the host have no id; they leave the table soon.
      if (hasEnded || ids.length === 0) continue
      const key = ids.join()
      const same = listed.get(key)
      if (same !== undefined) {
        same.cgroups++
        continue
      }
      const numbers = [...this.#sets.keys()]
      listed.set(key, {
        cgroup,
        cgroups: 1,
        containerId: ids[0],
        ...listedPod(pod, bits.isOutside, keys),
        sets: numbers.filter((number) => bits.get(number) === 'yes'),
        unknownSets: numbers.filter((number) => bits.get(number) === 'unknown'),
      })
    }
    return [...listed.values()]
  }

  /** Whether the group exists, or has hits that wait. */
  knows(cgroup: number): boolean {
    return this.#groups.has(cgroup)
  }

  /** Hits of a group do not wait any longer. */
  released(cgroup: number): void {
    if (this.#groups.get(cgroup)?.hasEnded) this.#forget(cgroup)
  }

  /** Milliseconds until {@link retry}; infinite if nothing is unknown. */
  get rest(): number {
    return this.#unknown.size === 0 ? Number.POSITIVE_INFINITY : retryMs
  }

  /** Looks up some unknown pods again, if it is time: those that waited longest. */
  retry(): void {
    if (this.#unknown.size === 0 || this.#now() < this.#nextAt) return
    for (const cgroup of [...this.#unknown].slice(0, retriesMax)) {
      this.#unknown.delete(cgroup)
      this.#unknown.add(cgroup)
      const group = this.#groups.get(cgroup)
      if (group?.pod === undefined || isUnnamed(group.pod)) this.found(cgroup)
    }
    this.#nextAt = this.#now() + retryMs
  }

  #decide(cgroup: number, group: Group, numbers: Iterable<number> = this.#sets.keys()): void {
    const state = this.#podOf(group)
    const { bits } = group
    const isOutside = state === 'outside'
    const isInPod = typeof state !== 'string'
    const isFound = bits.isInPod !== isInPod
    let hasChanged = bits.isOutside !== isOutside
    bits.isOutside = isOutside
    bits.isInPod = isInPod
    for (const number of numbers) {
      const selected = this.#sets.get(number)?.(state) ?? 'unknown'
      if (bits.set(number, selected)) hasChanged = true
    }
    if (hasChanged || isFound) this.#write(cgroup, group)
    this.#setUnknown(cgroup, group)
    if (hasChanged) this.onDecided?.(cgroup)
  }

  #podOf(group: Group): PodState {
    if (group.ids.length === 0) return 'outside'
    const { ids, pid, since, pod } = group
    const isFound = pod !== undefined && !isUnnamed(pod)
    const found = isFound ? pod : this.#pods.known(ids, pid, since)
    if (typeof found === 'string') return found
    group.pod = found
    const { labels, message } = found.text
    const { namespace = '', container } = message
    return { namespace, labels, container: container && selectable(container) }
  }

  #write(cgroup: number, group: Group): void {
    if (group.hasEnded || this.#gone.has(cgroup)) return
    // Hits of the group, and its end, may still be in the ring.
    if (this.#map?.write(cgroup, group.bits) === false) this.#gone.set(cgroup, this.#now())
  }

  /** Forgets groups whose end was not reported. */
  #forgetGone(): void {
    for (const [cgroup, since] of this.#gone) {
      if (this.#now() - since < goneMs) return
      this.ended(cgroup)
      this.#gone.delete(cgroup)
    }
  }

  #setUnknown(cgroup: number, group: Group): void {
    if (!this.#groups.has(cgroup)) return
    group.isUnknown = group.bits.hasUnknown(this.#inUse)
    if (!group.isUnknown) {
      this.#unknown.delete(cgroup)
      if (group.hasEnded && !this.isAwaited(cgroup)) this.#forget(cgroup)
    } else {
      this.#unknown.add(cgroup)
    }
    if (this.#unknown.size === 0) this.#nextAt = Number.POSITIVE_INFINITY
    else this.#nextAt = Math.min(this.#nextAt, this.#now() + retryMs)
  }

  #forget(cgroup: number): void {
    this.#gone.delete(cgroup)
    this.#groups.delete(cgroup)
    this.#unknown.delete(cgroup)
  }
}

/** A container without a name is one of which only the control group is known. */
function selectable({ name, image }: Container): SelectablePod['container'] {
  return name === undefined ? 'unknown' : { name, image: image?.name ?? '' }
}
