import type { Event } from '@tetragon-ts/api'
import type { EventStore } from '../store/event-store.ts'
import { isIn, missingUntil, type Span } from '../store/span.ts'
import { isEnforced } from '../summaries/enforced-actions.ts'
import { EnforcementGroups, type EnforcementSummary } from '../summaries/enforcement-groups.ts'
import { decodeEvent } from './describe-event.ts'
import { WorkSlices } from './work-slices.ts'

/** Events that have an enforcing action. */
const enforced = { field: 'action', accepts: isEnforced } as const

/** What was stopped in a span, as far as it is counted. */
export interface SpanEnforcement extends EnforcementSummary {
  readonly span: Span
  /** Whether kept events are still to be counted. */
  readonly isCounting: boolean
  /**
   * Events of the span up to this time were dropped before they were counted, in milliseconds
   * since 1970; undefined: none.
   */
  readonly missingUntil: number | undefined
}

/**
 * Counts what was stopped in the selected span: in the kept events, and in later ones when they
 * arrive. Events that are dropped after that stay counted.
 */
export class SpanEnforcementCounter {
  readonly #store: EventStore
  readonly #groupsMax: number
  #span: Span | undefined
  #groups: EnforcementGroups
  #isCounting = false
  #droppedUntil: number | undefined

  /** @param groupsMax maximum number of groups */
  constructor(store: EventStore, groupsMax: number) {
    this.#store = store
    this.#groupsMax = groupsMax
    this.#groups = new EnforcementGroups(groupsMax, 0)
  }

  /**
   * Counts anew, unless it is the same span; undefined: nothing is counted. Another span ends it.
   * @param pause lets others work now and then
   */
  async count(span: Span | undefined, pause = pauses()): Promise<void> {
    if (span === this.#span) return
    const groups = new EnforcementGroups(this.#groupsMax, span?.from ?? 0)
    this.#groups = groups
    this.#span = span
    this.#isCounting = span !== undefined
    const store = this.#store
    this.#droppedUntil = store.droppedUntil
    if (span === undefined) return
    for (const { ids, hasSkipped } of store.idsBySegment(span, enforced)) {
      if (hasSkipped) this.#droppedUntil = store.droppedUntil
      await pause()
      if (this.#groups !== groups) return
      for (const id of ids) {
        await pause()
        if (this.#groups !== groups) return
        const stored = store.get(id)
        if (stored === undefined) this.#droppedUntil = store.droppedUntil
        const event = stored && decodeEvent(stored.bytes)
        if (event !== undefined) groups.see(event, stored!.time)
      }
    }
    this.#isCounting = false
  }

  /** Takes an event that arrives. @param time milliseconds since 1970 */
  see(event: Event, time: number): void {
    if (this.#span !== undefined && isIn(this.#span, time)) this.#groups.see(event, time)
  }

  /** Undefined: no span is selected. */
  get summary(): SpanEnforcement | undefined {
    if (this.#span === undefined) return undefined
    return {
      ...this.#groups.summary,
      span: this.#span,
      isCounting: this.#isCounting,
      missingUntil: missingUntil(this.#span, this.#droppedUntil),
    }
  }
}

function pauses(): () => Promise<void> {
  const slices = new WorkSlices()
  return () => slices.pause()
}
