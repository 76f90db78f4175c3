import { effect, signal } from '@preact/signals'
import { span } from '../page/span.ts'
import type { WorkerLink } from '../page/worker-link.ts'
import type { PairCounts } from '../store/event-segment.ts'

/** Milliseconds between looks at the worker, while a span is selected. */
const refreshMs = 2000

/** Kept events of a policy. */
export interface PolicyEventCount {
  readonly events: number
  /** Numbers of events by action: `Post`, `Override done`; not all events have an action. */
  readonly actions: readonly (readonly [action: string, events: number])[]
}

/**
 * How many events of the selected span each policy has. Agents count since a policy was loaded, so
 * these numbers are those of the kept events.
 */
export class PolicyEvents {
  readonly #counts = signal<PairCounts | undefined>(undefined)
  readonly #link: WorkerLink

  constructor(link: WorkerLink) {
    this.#link = link
    link.on('policyEvents', ({ counts }) => {
      this.#counts.value = counts
    })
  }

  /** Asks the worker now and then while a span is selected. @returns ends that */
  watch(): () => void {
    return effect(() => {
      this.#counts.value = undefined
      if (span.value === undefined) return
      const ask = (): void => this.#link.ask({ kind: 'policyEvents' })
      // The worker must hear of the span first.
      queueMicrotask(ask)
      const timer = setInterval(ask, refreshMs)
      return () => clearInterval(timer)
    })
  }

  /** Undefined: no span is selected, or its events are not counted yet. */
  of(name: string): PolicyEventCount | undefined {
    if (span.value === undefined || this.#counts.value === undefined) return undefined
    return countOf(this.#counts.value.get(name))
  }
}

/** Sums up the events of a policy by their actions, the most frequent first. */
export function countOf(byAction: ReadonlyMap<string, number> = new Map()): PolicyEventCount {
  const all = [...byAction].sort(([, a], [, b]) => b - a)
  const events = all.reduce((sum, [, count]) => sum + count, 0)
  return { events, actions: all.filter(([action]) => action !== '') }
}
