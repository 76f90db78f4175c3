import type { Gap } from '../store/gaps.ts'
import type { ProcessFacts } from '../store/process-facts.ts'
import type { Span } from '../store/span.ts'
import type { Alert } from '../summaries/alert-groups.ts'
import type { SavedState } from '../summaries/alert-state.ts'
import type { EnforcementSummary } from '../summaries/enforcement-groups.ts'
import type { EventFinding } from '../summaries/found-rules.ts'
import type { NameCount } from '../summaries/frequent-names.ts'

/** What a report is about. */
export type ReportSubject =
  | {
      readonly kind: 'events'
      /** Number of the last event of the list; undefined: it is not paused. */
      readonly until: number | undefined
      /** Number of the chosen event; undefined: none is. */
      readonly event: number | undefined
    }
  /** A process and those below it. */
  | { readonly kind: 'process'; readonly execId: string }
  /** An alert, and what the process of its latest event and those below it did. */
  | {
      readonly kind: 'alert'
      readonly key: string
      readonly execId: string
      readonly event: number
    }

/** An event in the time line of a report. */
export interface ReportRow {
  /** Milliseconds since 1970. */
  readonly time: number
  /** What happened, what policies did against it, and the rules that matched. */
  readonly what: string
  readonly program: string
  readonly user: string
  /** The pod, or else the container; empty: on the host. */
  readonly place: string
}

/** Why a report may lack something. */
export interface ReportGaps {
  /** Losses in the time of the report. */
  readonly lost: readonly Gap[]
  /** Older events that the page has dropped to save memory, and up to when. */
  readonly dropped: number
  readonly droppedUntil: number | undefined
  /** Events that were dropped while the report was made. */
  readonly droppedSince: number
  readonly undecoded: number
  /** Events of the filter that are later than the pause of the list. */
  readonly newer: number
  /** Whether the filter has not tested all kept events. */
  readonly isSearching: boolean
  /** Why events from before the page are missing; empty: they are not, or were not asked for. */
  readonly past: string
  /** Why no events arrive; empty: they do. */
  readonly stream: string
  readonly droppedAlerts: { readonly alerts: number; readonly findings: number }
}

/** Everything that is in a report. Times are in milliseconds since 1970. */
export interface ReportFacts {
  readonly kind: ReportSubject['kind']
  readonly madeAt: number
  /** Undefined: all kept events. */
  readonly span: Span | undefined
  /** The filter of the list, or the term of the process. */
  readonly filter: string
  readonly events: number
  /** Of the first and of the last event; undefined without events. */
  readonly first: number | undefined
  readonly last: number | undefined
  /** Nodes with their events. */
  readonly nodes: readonly NameCount[]
  /** What the chosen event says; empty: none is chosen. */
  readonly sentence: string
  /** Rules that matched the chosen event. */
  readonly findings: readonly EventFinding[]
  /** The process and those above it, the root first. */
  readonly lineage: readonly ProcessFacts[]
  /** The first and the last events, in their order, and the number of those between them. */
  readonly start: readonly ReportRow[]
  readonly between: number
  readonly end: readonly ReportRow[]
  readonly alerts: readonly (Alert & Pick<SavedState, 'state' | 'note'>)[]
  readonly stopped: EnforcementSummary
  readonly gaps: ReportGaps
}
