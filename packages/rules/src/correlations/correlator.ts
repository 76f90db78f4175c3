import { readField, type Subject } from '../engine/subject.ts'
import type { LinkedCorrelation } from '../link/link-correlations.ts'
import type { FieldRef } from '../log-sources/field-ref.ts'
import type { Correlation, Rule } from '../model/rule.ts'
import { boundedKey } from './bounded-key.ts'
import { type CorrelatedEvent, openWindow, type Window } from './window.ts'

/** Maximum number of events that all correlations keep, some 20 MB. */
const eventsMax = 100_000

/** Rules that matched together. */
export interface CorrelationFinding {
  readonly correlation: Correlation
  /** The values that all parts share, by the names of `group-by`. */
  readonly group: readonly (readonly [name: string, value: string])[]
  readonly parts: readonly CorrelatedEvent[]
  /**
   * Events were lost, or state was dropped, within its timespan: it may have more parts, and
   * findings like it may be missing.
   */
  readonly uncertain: boolean
}

/** A match of a rule, as correlations count it. */
export interface CountedMatch {
  readonly rule: Rule
  readonly subject: Subject
  readonly timeMs: number
  /** Id of the event for the finding. */
  readonly id: string
}

/** What correlations could not count. */
export interface CorrelatorCounts {
  /** Groups that were dropped because there were too many. */
  droppedGroups: number
  /** Matches without a value of `group-by` or of the counted field. */
  withoutValue: number
  /** Matches older than the timespan of a newer one. */
  late: number
}

/** One correlation and its open windows, in the order of their last event. */
interface State {
  readonly linked: LinkedCorrelation
  readonly windows: Map<string, Window>
  size: number
  newestMs: number
}

/**
 * Counts matches of rules, in bounded memory: windows expire by the time of events, and each
 * correlation has a share of the events that are kept, so that one cannot push out another.
 */
export class Correlator {
  readonly counts: CorrelatorCounts = { droppedGroups: 0, withoutValue: 0, late: 0 }
  readonly #states: readonly State[]
  readonly #share: number
  #lastLossMs = Number.NEGATIVE_INFINITY

  constructor(correlations: readonly LinkedCorrelation[], keptEvents = eventsMax) {
    this.#states = correlations.map((linked) => {
      return { linked, windows: new Map(), size: 0, newestMs: Number.NEGATIVE_INFINITY }
    })
    this.#share = Math.max(1000, Math.floor(keptEvents / Math.max(1, correlations.length)))
  }

  /** Number of kept events. */
  get size(): number {
    return this.#states.reduce((sum, { size }) => sum + size, 0)
  }

  /** Events were lost at a time: findings whose timespan includes it are uncertain. */
  noteLoss(timeMs: number): void {
    this.#lastLossMs = Math.max(this.#lastLossMs, timeMs)
  }

  /** Counts a match. @returns what matches together now; parts come before what they belong to */
  add(match: CountedMatch): CorrelationFinding[] {
    const findings: CorrelationFinding[] = []
    const matched = new Set<Rule | Correlation>([match.rule])
    // Parts are linked before the correlations that use them.
    for (const state of this.#states) {
      const fields = state.linked.fields.get(match.rule)
      if (fields === undefined) continue
      // From the last rule on, so that one event is not two steps of an order.
      for (let part = state.linked.parts.length - 1; part >= 0; part--) {
        if (!matched.has(state.linked.parts[part])) continue
        const finding = this.#count(state, part, match)
        if (finding === undefined) continue
        findings.push(finding)
        matched.add(state.linked.correlation)
        break
      }
    }
    return findings
  }

  #count(state: State, part: number, match: CountedMatch): CorrelationFinding | undefined {
    const { linked, windows } = state
    const { timeMs, id, rule, subject } = match
    const { correlation, fields } = linked
    const { groupBy, values } = fields.get(rule) ?? { groupBy: [], values: [] }
    const group = textsOf(groupBy, subject)
    const counted = textsOf(values, subject)
    if (group === undefined || counted === undefined) {
      this.counts.withoutValue++
      return undefined
    }
    if (timeMs < state.newestMs - correlation.timespanMs) {
      this.counts.late++
      return undefined
    }
    state.newestMs = Math.max(state.newestMs, timeMs)
    this.#expire(state)
    const key = boundedKey(JSON.stringify(group))
    const window = windows.get(key) ?? openWindow(correlation)
    windows.delete(key)
    state.size -= window.size
    const parts = window.add({ timeMs, id, part, value: boundedKey(JSON.stringify(counted)) })
    if (parts === undefined) {
      windows.set(key, window)
      state.size += window.size
      this.#makeRoom(state, key)
      return undefined
    }
    return {
      correlation,
      group: group.map((value, i) => [correlation.groupBy[i], value] as const),
      parts,
      uncertain: this.#lastLossMs >= parts[0].timeMs - correlation.timespanMs,
    }
  }

  /** Windows are in the order of their last event, except for late ones: these expire later. */
  #expire(state: State): void {
    const oldestMs = state.newestMs - state.linked.correlation.timespanMs
    for (const [key, window] of state.windows) {
      if (window.newestMs >= oldestMs) break
      state.windows.delete(key)
      state.size -= window.size
    }
  }

  #makeRoom(state: State, kept: string): void {
    for (const [key, window] of state.windows) {
      if (state.size <= this.#share || key === kept) break
      state.windows.delete(key)
      state.size -= window.size
      this.counts.droppedGroups++
      this.noteLoss(state.newestMs)
    }
  }
}

/** The values of fields; undefined if one is missing. */
function textsOf(fields: readonly FieldRef[], subject: Subject): string[] | undefined {
  const texts: string[] = []
  for (const field of fields) {
    const value = readField(field, subject)
    if (value === undefined) return undefined
    texts.push(typeof value === 'string' ? value : value.join(','))
  }
  return texts
}
