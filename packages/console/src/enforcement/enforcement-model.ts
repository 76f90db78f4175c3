import { effect, signal } from '@preact/signals'
import type { Lead } from '../page/lead.ts'
import { span } from '../page/span.ts'
import type { WorkerLink } from '../page/worker-link.ts'
import type { Outcome } from '../summaries/enforced-actions.ts'
import type { EnforcementGroup, EnforcementSummary } from '../summaries/enforcement-groups.ts'
import type { SpanEnforcement } from '../worker/span-enforcement.ts'
import { filterOf } from './group-filter.ts'

/** Milliseconds between looks at the worker, while the view is open. */
const refreshMs = 500

/** What was stopped, in groups. */
export class EnforcementModel {
  /** Undefined: the worker has not answered yet. */
  readonly summary = signal<EnforcementSummary | SpanEnforcement | undefined>(undefined)
  readonly #link: WorkerLink
  readonly #lead: Lead

  constructor(link: WorkerLink, lead: Lead) {
    this.#link = link
    this.#lead = lead
    link.on('enforcement', ({ summary }) => {
      this.summary.value = summary
    })
  }

  /** Asks the worker now and then, and when another span is selected. @returns ends that */
  watch(): () => void {
    const ask = (): void => this.#link.ask({ kind: 'enforcement' })
    const timer = setInterval(ask, refreshMs)
    const stop = effect(() => {
      void span.value
      // The worker must hear of the span first.
      queueMicrotask(ask)
    })
    return () => {
      clearInterval(timer)
      stop()
    }
  }

  /** Shows the events of a group. */
  open(group: EnforcementGroup): void {
    this.#lead.toEventsMatching(filterOf(group))
  }

  /** The groups with an outcome. */
  groups(outcome: Outcome): readonly EnforcementGroup[] {
    return this.summary.value?.groups.filter((group) => group.outcome === outcome) ?? []
  }
}
