import type { Event } from '@tetragon-ts/api'
import { podText } from '../store/process-text.ts'
import { type EnforcedAction, enforcedActions, type Outcome } from './enforced-actions.ts'
import { eventText } from './event-text.ts'
import { FrequentNames, type NameCount } from './frequent-names.ts'
import { hookText } from './hook-text.ts'

/** Names that each group counts, and those of them that are shown. */
const namesMax = { counted: 64, shown: 3 }
/** Longest name of a policy, a hook or a means, in characters. */
const textMax = 512

/** What is equal for all operations of a group. */
interface GroupName extends Omit<EnforcedAction, 'limitReached'> {
  readonly policy: string
  readonly hook: string
  /** JSON key of the events. */
  readonly kind: string
}

/** Operations that a policy stopped, or would have stopped, in the same way. */
export interface EnforcementGroup extends GroupName {
  readonly key: string
  /** Operations: an event may stand for many. */
  readonly count: number
  readonly events: number
  /** Operations with which the policy exceeded its limit. */
  readonly limitReached: number
  /** Time of the first and of the last one, in milliseconds since 1970. */
  readonly first: number
  readonly last: number
  /** What was stopped most often: `open /etc/shadow`, `connect 10.0.0.7:4444`. */
  readonly operations: readonly NameCount[]
  /** Those that were stopped most often. */
  readonly binaries: readonly NameCount[]
  readonly pods: readonly NameCount[]
}

/** All groups at a moment. */
export interface EnforcementSummary {
  /** Since when events are counted, in milliseconds since 1970. */
  readonly since: number
  /** Those with most operations first. */
  readonly groups: readonly EnforcementGroup[]
  /** Operations of groups beyond the maximum, by outcome. */
  readonly ungrouped: Readonly<Record<Outcome, number>>
}

interface Counts {
  readonly name: GroupName
  count: number
  events: number
  limitReached: number
  first: number
  last: number
  readonly operations: FrequentNames
  readonly binaries: FrequentNames
  readonly pods: FrequentNames
}

/** Counts what policies stopped, in bounded memory. Events may be dropped; they stay counted. */
export class EnforcementGroups {
  readonly #max: number
  #since: number
  readonly #groups = new Map<string, Counts>()
  readonly #ungrouped: Record<Outcome, number> = { done: 0, monitored: 0, failed: 0, unreported: 0 }

  /**
   * @param max maximum number of groups
   * @param since milliseconds since 1970
   */
  constructor(max: number, since: number) {
    this.#max = max
    this.#since = since
  }

  /** @param time milliseconds since 1970 */
  see(event: Event, time: number): void {
    // The past arrives later.
    this.#since = Math.min(this.#since, time)
    for (const { limitReached, ...action } of enforcedActions(event)) {
      const count = operationsOf(event)
      const group = this.#groupOf(event, action, time)
      if (group === undefined) {
        this.#ungrouped[action.outcome] += count
        continue
      }
      group.count += count
      group.events++
      if (limitReached) group.limitReached += count
      group.first = Math.min(group.first, time)
      group.last = Math.max(group.last, time)
      const process = ('process' in event.body && event.body.process) || {}
      const pod = podText(process)
      const operation = operationText(event)
      if (operation !== '') group.operations.add(operation, count)
      group.binaries.add(process.binary ?? '', count)
      if (pod !== '') group.pods.add(pod, count)
    }
  }

  #groupOf(
    event: Event,
    { action, means, outcome }: Omit<EnforcedAction, 'limitReached'>,
    time: number,
  ): Counts | undefined {
    const policy = 'policy_name' in event.body ? (event.body.policy_name ?? '') : ''
    const texts = [policy, hookText(event), event.key, action, means, outcome]
    const key = JSON.stringify(texts.map((text) => text.slice(0, textMax)))
    const known = this.#groups.get(key)
    if (known !== undefined || this.#groups.size >= this.#max) return known
    const group: Counts = {
      name: nameOf(key),
      count: 0,
      events: 0,
      limitReached: 0,
      first: time,
      last: time,
      operations: new FrequentNames(namesMax.counted),
      binaries: new FrequentNames(namesMax.counted),
      pods: new FrequentNames(namesMax.counted),
    }
    this.#groups.set(key, group)
    return group
  }

  get summary(): EnforcementSummary {
    const groups = [...this.#groups].map(
      ([key, { name, operations, binaries, pods, ...counts }]) => ({
        key,
        ...name,
        ...counts,
        operations: operations.top(namesMax.shown),
        binaries: binaries.top(namesMax.shown),
        pods: pods.top(namesMax.shown),
      }),
    )
    groups.sort((a, b) => b.count - a.count)
    return { groups, ungrouped: { ...this.#ungrouped }, since: this.#since }
  }
}

function nameOf(key: string): GroupName {
  const [policy, hook, kind, action, means, outcome] = JSON.parse(key)
  return { policy, hook, kind, action, means, outcome }
}

/** What a process wanted to do, and to what; empty: the event does not say it. */
function operationText(event: Event): string {
  const { word = '', object = '' } = eventText(event) ?? {}
  return object === '' ? '' : `${word} ${object}`
}

/** Operations that an event stands for. */
export function operationsOf({ response }: Event): number {
  const count = Number(response.aggregation_info?.count ?? 1)
  return Number.isSafeInteger(count) && count > 0 ? count : 1
}
