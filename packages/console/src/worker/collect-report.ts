import type { ReportFacts, ReportRow, ReportSubject } from '../report/report-facts.ts'
import { reportText } from '../report/report-text.ts'
import { TimeEnds } from '../report/time-ends.ts'
import type { EventStore, StoredEvent } from '../store/event-store.ts'
import { termOf } from '../store/filter.ts'
import { type Gap, gapsIn } from '../store/gaps.ts'
import type { ProcessIndex } from '../store/process-index.ts'
import type { Span } from '../store/span.ts'
import { type AlertGroups, alertKeys } from '../summaries/alert-groups.ts'
import { alertState, type SavedState } from '../summaries/alert-state.ts'
import { isEnforced } from '../summaries/enforced-actions.ts'
import { EnforcementGroups } from '../summaries/enforcement-groups.ts'
import { eventSentence } from '../summaries/event-sentence.ts'
import { eventText } from '../summaries/event-text.ts'
import { eventFindings } from '../summaries/found-rules.ts'
import { FrequentNames } from '../summaries/frequent-names.ts'
import { decodeEvent } from './describe-event.ts'
import { WorkSlices } from './work-slices.ts'

/** Events at each end of the time line. */
const rowsMax = 250
const groupsMax = 100
const nodesMax = 1000

/** What the page wants in a report. */
export interface ReportOrder {
  readonly subject: ReportSubject
  /** States of alerts, which the browser keeps. */
  readonly states: readonly SavedState[]
  /** When agents lost events. */
  readonly lost: readonly Gap[]
}

/** What the worker has for a report. */
export interface ReportSources {
  readonly store: EventStore
  readonly processes: ProcessIndex
  readonly alerts: AlertGroups
  readonly span: Span | undefined
  /** The filter of the list that is in force. */
  readonly filter: string
  /** When events did not reach the page. */
  readonly missed: readonly Gap[]
  readonly isSearching: boolean
  readonly past: string
  readonly stream: string
}

/** How far a report is. */
export interface ReportProgress {
  readonly events: number
  readonly of: number
}

/**
 * Collects what a report has, in slices.
 * @param report gets the progress after each slice
 * @param isWanted asked after each slice
 * @returns undefined: it is not wanted any more
 */
export async function collectReport(
  { subject, states, lost }: ReportOrder,
  sources: ReportSources,
  report: (progress: ReportProgress) => void,
  isWanted: () => boolean,
  slices = new WorkSlices(),
): Promise<ReportFacts | undefined> {
  const { store, processes, alerts, span } = sources
  const { execId, filter, ids } = selection(subject, sources)
  const ends = new TimeEnds(rowsMax)
  const nodes = new FrequentNames(nodesMax)
  const stopped = new EnforcementGroups(groupsMax, 0)
  const keys = new Set(subject.kind === 'alert' ? [subject.key] : [])
  const counts = { events: 0, undecoded: 0, dropped: 0 }
  for (const id of ids) {
    const stored = store.get(id)
    if (stored === undefined) counts.dropped++
    else {
      const { time, fields } = stored
      counts.events++
      ends.add({ time, id })
      nodes.add(fields.node ?? '', 1)
      if ((fields.kind ?? '') === '') counts.undecoded++
      const isFound = (fields.level ?? '') !== ''
      const isStopped = isEnforced(fields.action ?? '')
      const event = isFound || isStopped ? decodeEvent(stored.bytes) : undefined
      if (event && isFound) for (const key of alertKeys(event)) keys.add(key)
      if (event && isStopped) stopped.see(event, time)
    }
    if (!slices.isOver) continue
    report({ events: counts.events, of: ids.length })
    await slices.pause()
    if (!isWanted()) return undefined
  }
  const rows = (chosen: TimeEnds['first']): ReportRow[] =>
    chosen.flatMap(({ id }) => store.get(id) ?? []).map(rowOf)
  const chosen =
    subject.kind === 'process' || subject.event === undefined ? undefined : store.get(subject.event)
  const event = chosen && decodeEvent(chosen.bytes)
  const { alerts: all, dropped: droppedAlerts } = alerts.summary()
  const own = new Map(states.map((each) => [each.key, each]))
  return {
    kind: subject.kind,
    madeAt: Date.now(),
    span,
    filter,
    events: counts.events,
    first: ends.first[0]?.time,
    last: (ends.last.at(-1) ?? ends.first.at(-1))?.time,
    nodes: nodes.top(nodesMax),
    sentence: event === undefined ? '' : eventSentence(event),
    findings: event === undefined ? [] : eventFindings(event),
    lineage: processes.lineage(execId ?? chosen?.fields.exec ?? ''),
    start: rows(ends.first),
    between: ends.between,
    end: rows(ends.last),
    alerts: all
      .filter(({ key }) => keys.has(key))
      .map((alert) => ({ ...alert, ...alertState(own.get(alert.key), alert.last) })),
    stopped: stopped.summary,
    gaps: {
      lost: gapsIn([...sources.missed, ...lost], span).sort((a, b) => a.from - b.from),
      dropped: store.dropped,
      droppedUntil: store.droppedUntil,
      droppedSince: counts.dropped,
      undecoded: counts.undecoded,
      newer: subject.kind === 'events' ? store.shown - store.shownUpTo(subject.until) : 0,
      isSearching: subject.kind === 'events' && sources.isSearching,
      past: sources.past,
      stream: sources.stream,
      droppedAlerts,
    },
  }
}

/** The events of a report, and how a filter chooses them. */
function selection(
  subject: ReportSubject,
  { store, processes, span, filter }: ReportSources,
): { readonly execId?: string; readonly filter: string; readonly ids: readonly number[] } {
  if (subject.kind === 'events') return { filter, ids: store.shownIds(subject.until) }
  const { execId } = subject
  const top = processes.images(execId)[0]?.execId ?? execId
  const accepts = (each: string): boolean =>
    each !== '' && (each === top || processes.isBelow(each, (facts) => facts.execId === top))
  const ids = [...store.idsBySegment(span, { field: 'exec', accepts })].flatMap(({ ids }) => ids)
  return { execId, filter: termOf('tree', top), ids }
}

function rowOf({ time, line, fields, bytes }: StoredEvent): ReportRow {
  const event = decodeEvent(bytes)
  const text = event && eventText(event)
  const own = text === undefined ? line : `${text.word} ${text.object}`.trim()
  const { action = '', level = '', rule = '', policy = '' } = fields
  const notes = [
    isEnforced(action) ? action : '',
    level === '' ? '' : `${level}: ${rule || policy}`,
  ].filter((note) => note !== '')
  const { binary = '', user = '', pod = '', container = '' } = fields
  return {
    time,
    what: notes.length === 0 ? own : `${own} [${notes.join('; ')}]`,
    program: binary,
    user,
    place: pod || container,
  }
}

/**
 * Makes a report as Markdown.
 * @param send gets the progress, and the complete text
 * @param isWanted asked now and then: another report ends this one
 */
export async function makeReport(
  order: ReportOrder,
  sources: ReportSources,
  send: (progress: ReportProgress & { readonly text?: string }) => void,
  isWanted: () => boolean,
): Promise<void> {
  const facts = await collectReport(order, sources, send, isWanted)
  if (facts === undefined) return
  send({ events: facts.events, of: facts.events, text: reportText(facts) })
}
