import type { PolicyCheck, TrialResult } from '../checker/results.ts'
import type { DensityPart } from '../store/density.ts'
import type { PairCounts } from '../store/event-segment.ts'
import type { Subject } from '../store/filter.ts'
import type { FilterProblem } from '../store/filter-text.ts'
import type { Gap } from '../store/gaps.ts'
import type { ProcessFacts } from '../store/process-facts.ts'
import type { ProcessRow as TreeRow } from '../store/process-rows.ts'
import type { Span } from '../store/span.ts'
import type { StreamState } from '../stream/frames.ts'
import type { AlertSummary } from '../summaries/alert-groups.ts'
import type { EnforcementSummary } from '../summaries/enforcement-groups.ts'
import type { EventFinding } from '../summaries/found-rules.ts'
import type { NodeSummary } from '../summaries/node-counts.ts'
import type { ReportOrder, ReportProgress } from './collect-report.ts'
import type { EventExport } from './event-export.ts'
import type { EventRows } from './event-rows.ts'
import type { ExportFormatName } from './export-formats.ts'
import type { Overview } from './overview.ts'
import type { PastState } from './past-reader.ts'
import type { Actions } from './process-actions.ts'
import type { ShownValues } from './shown-values.ts'
import type { SpanEnforcement } from './span-enforcement.ts'
import type { RowId, WantedRows } from './wanted-rows.ts'

// Messages between the page and its worker.

/** An event in the list. */
export interface EventRow {
  readonly id: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly line: string
  /** The icon and the word of its kind. */
  readonly label: string
  readonly fields: Subject['fields']
}

/** A process in the tree: what is known about its current image. */
export interface ProcessRow extends ProcessFacts, Omit<TreeRow, 'facts' | 'earlier'> {
  /** The exec id. */
  readonly id: string
  /** What it executed before: the last ones, and the image that was asked for. */
  readonly earlier: readonly Pick<ProcessFacts, 'execId' | 'binary'>[]
  /** Number of other images before. */
  readonly omitted: number
}

/** An event with everything about it. */
export interface EventDetail {
  readonly id: number
  /** What it says; empty: it is not about a process. */
  readonly sentence: string
  /** Readable JSON. */
  readonly json: string
  /** Its process and those above it, the root first. */
  readonly lineage: readonly ProcessFacts[]
  readonly fields: Subject['fields']
  /** Detection rules that match it. */
  readonly findings: readonly EventFinding[]
  /** Names the event in links. */
  readonly key: string
  /** The command line of `tetra` that prints such events. */
  readonly command: string
}

/** The numbers above the lists. */
export interface Summary {
  readonly state: StreamState
  /** Events that are kept, and that were dropped. */
  readonly kept: number
  readonly dropped: number
  /** Kept events that the filter and the span show: up to the pause of the list, and after it. */
  readonly shown: number
  readonly newer: number
  /** The latest time of a dropped event, in milliseconds since 1970; undefined: there is none. */
  readonly droppedUntil: number | undefined
  readonly processes: number
  /** Events per second. */
  readonly rate: number
  /** Number of the last event; -1 without events. */
  readonly last: number
  /** Whether the filter is still testing events. */
  readonly isSearching: boolean
  /** Another value: the filter may show other events. */
  readonly filterVersion: number
  /** What the page has from before it was opened; undefined: it did not ask. */
  readonly past: PastState | undefined
}

/** From the page. */
export type Request =
  | { readonly kind: 'start'; readonly key: string }
  | { readonly kind: 'filter'; readonly text: string }
  /** Rows among the shown ones, up to the event with the number `until`. */
  | { readonly kind: 'events'; readonly rows: WantedRows; readonly until: number }
  /** The number of the last event in the list, which is paused; undefined: it is not. */
  | { readonly kind: 'pause'; readonly until: number | undefined }
  | { readonly kind: 'event'; readonly id: number }
  /** Writes the shown events to a file, up to a number; another such request ends it. */
  | {
      readonly kind: 'export'
      readonly format: ExportFormatName
      readonly until: number | undefined
    }
  /** Counts the values of the shown events, up to a number; another such request ends it. */
  | { readonly kind: 'values'; readonly until: number | undefined }
  /** Makes a report; another such request ends it. */
  | { readonly kind: 'report'; readonly order: ReportOrder }
  /** Finds the event that a link names, now or when it arrives. */
  | { readonly kind: 'find'; readonly key: string }
  | { readonly kind: 'processes'; readonly rows: WantedRows; readonly filter: string }
  /** Shows nothing below some processes. */
  | { readonly kind: 'collapse'; readonly execIds: readonly string[] }
  | { readonly kind: 'lineage'; readonly execId: string }
  | { readonly kind: 'enforcement' }
  /** Alerts of the selected span that a filter shows. */
  | { readonly kind: 'alerts'; readonly filter: string }
  /** What the events of the selected span are about; another such request ends it. */
  | { readonly kind: 'overview' }
  /** How many events of the selected span each policy has. */
  | { readonly kind: 'policyEvents' }
  | { readonly kind: 'nodes' }
  /** How many events of the selected span each node has, by kind. */
  | { readonly kind: 'nodeEvents' }
  /** Only events and processes of a span are shown from then on; undefined: all. */
  | { readonly kind: 'span'; readonly span: Span | undefined }
  | { readonly kind: 'density' }
  /** What a process did. */
  | { readonly kind: 'actions'; readonly execId: string }
  /** Checks a text of policies. */
  | { readonly kind: 'check'; readonly text: string }
  /** Tries policies on the kept events of the selected span; another one ends it. */
  | { readonly kind: 'try'; readonly text: string }

/** From the worker. */
export type Report =
  | { readonly kind: 'summary'; readonly summary: Summary }
  | ({ readonly kind: 'events' } & EventRows)
  /** Whether a filter is valid. */
  | { readonly kind: 'filter'; readonly text: string; readonly problem: FilterProblem | undefined }
  | { readonly kind: 'found'; readonly id: number; readonly key: string }
  | ({ readonly kind: 'export' } & EventExport)
  | { readonly kind: 'values'; readonly values: ShownValues }
  /** How far a report is. Its text is Markdown; undefined: it is not complete. */
  | ({ readonly kind: 'report'; readonly text?: string } & ReportProgress)
  /** Undefined: the event was dropped. */
  | { readonly kind: 'event'; readonly id: number; readonly detail: EventDetail | undefined }
  | {
      readonly kind: 'processes'
      readonly from: number
      readonly rows: readonly ProcessRow[]
      readonly count: number
      /** The process that was asked for. */
      readonly around?: RowId
    }
  | { readonly kind: 'lineage'; readonly execId: string; readonly lineage: readonly ProcessFacts[] }
  /** Of the selected span, if there is one. */
  | { readonly kind: 'enforcement'; readonly summary: EnforcementSummary | SpanEnforcement }
  | { readonly kind: 'alerts'; readonly summary: AlertSummary }
  | { readonly kind: 'overview'; readonly overview: Overview }
  | { readonly kind: 'policyEvents'; readonly counts: PairCounts }
  | { readonly kind: 'nodeEvents'; readonly counts: PairCounts }
  | { readonly kind: 'nodes'; readonly summary: NodeSummary }
  | { readonly kind: 'density'; readonly part: DensityPart }
  /** When events did not reach the page. */
  | { readonly kind: 'gaps'; readonly gaps: readonly Gap[] }
  | { readonly kind: 'actions'; readonly execId: string; readonly actions: Actions }
  | { readonly kind: 'check'; readonly text: string; readonly check: PolicyCheck }
  | {
      readonly kind: 'trial'
      readonly text: string
      /** The events in it were tried; undefined: all. */
      readonly span: Span | undefined
      readonly result: TrialResult
      /** Number of kept events that are still to be looked at. */
      readonly remaining: number
    }
  | { readonly kind: 'refused'; readonly text: string }
