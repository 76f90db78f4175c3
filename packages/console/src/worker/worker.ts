import { EventStore } from '../store/event-store.ts'
import { compileFilter } from '../store/filter.ts'
import { ProcessIndex } from '../store/process-index.ts'
import { ProcessTree } from '../store/process-tree.ts'
import type { Span } from '../store/span.ts'
import type { StreamState } from '../stream/frames.ts'
import { AlertGroups, alertSubject } from '../summaries/alert-groups.ts'
import { EnforcementGroups } from '../summaries/enforcement-groups.ts'
import { eventSentence } from '../summaries/event-sentence.ts'
import { eventFindings } from '../summaries/found-rules.ts'
import { NodeCounts } from '../summaries/node-counts.ts'
import { StreamGaps } from '../summaries/stream-gaps.ts'
import type { ReportProgress } from './collect-report.ts'
import { type Described, decodeEvent, describeEvent, jsonOf } from './describe-event.ts'
import { type EventExport, exportEvents } from './event-export.ts'
import { readFeed } from './event-feed.ts'
import { EventFilter } from './event-filter.ts'
import { eventRows } from './event-rows.ts'
import { overviewOf } from './overview.ts'
import { PastReader } from './past-reader.ts'
import { policyRequests } from './policy-requests.ts'
import { actionsOf } from './process-actions.ts'
import type { EventDetail, Report, Request } from './protocol.ts'
import { shownValues } from './shown-values.ts'
import { SpanEnforcementCounter } from './span-enforcement.ts'
import { tetraCommand } from './tetra-command.ts'
import { treeRows } from './tree-rows.ts'
import { eventKey, WantedEvent } from './wanted-event.ts'
import type { WantedRows } from './wanted-rows.ts'

// The worker of the page: it receives, decodes and keeps all events, so that the page stays smooth.

/** Maximum number of events and of processes that are kept, and their bytes. */
const eventsMax = { count: 1_000_000, bytes: 512 << 20 }
const processesMax = { count: 200_000, bytes: 256 << 20 }
/** Maximum number of groups of stopped operations, and of nodes. */
const groupsMax = 500
const nodesMax = 5000
/** Maximum number of alerts, and the characters of their texts. */
const alertsMax = { count: 500, characters: 1 << 20 }
/** Maximum actions of a process: all are in the list of events. */
const actionsMax = 300
/** Milliseconds between summaries. */
const summaryMs = 200

const store = new EventStore(eventsMax.count, eventsMax.bytes)
const processes = new ProcessIndex(processesMax.count, processesMax.bytes)
const tree = new ProcessTree(processes, store)
const enforcement = new EnforcementGroups(groupsMax, Date.now())
const spanEnforcement = new SpanEnforcementCounter(store, groupsMax)
const alerts = new AlertGroups(alertsMax.count, alertsMax.characters)
const nodes = new NodeCounts(nodesMax)
const gaps = new StreamGaps(nodesMax)
const filter = new EventFilter(store, (execId, test) => processes.isBelow(execId, test))
const wanted = new WantedEvent((id, key) => report({ kind: 'found', id, key }))
let state: StreamState = { isConnected: false, reason: 'connecting' }
let span: Span | undefined
let pausedAt: number | undefined
/** Of the last event, in milliseconds since 1970. */
let lastTime = Date.now()
/** Number of live events. */
let received = 0
/** Number of requests for an overview, for files, for reports, and for values. */
let overviews = 0
let exports = 0
let reports = 0
let valueCounts = 0
let before = { received: 0, at: performance.now() }

const report = (message: Report): void => postMessage(message)

function summarize(): void {
  const now = performance.now()
  const rate = ((received - before.received) * 1000) / Math.max(1, now - before.at)
  before = { received, at: now }
  const { size: kept, dropped, droppedUntil, last } = store
  const shown = store.shownUpTo(pausedAt)
  const { isSearching, version: filterVersion } = filter
  const summary = {
    state,
    kept,
    shown,
    newer: store.shown - shown,
    dropped,
    droppedUntil,
    processes: processes.size,
    rate,
    last,
    isSearching,
    filterVersion,
    past: past.state,
  }
  report({ kind: 'summary', summary })
}

const policies = policyRequests(store, report)

/** Counts a kept event of any time. */
function note(id: number, { event, ...described }: Described): void {
  if (event) alerts.see(event, described.time, id)
  if (event) enforcement.see(event, described.time)
  if (event) spanEnforcement.see(event, described.time)
  wanted.see(id, described)
}

const past = new PastReader({
  store,
  gaps,
  add(described) {
    const { event, time } = described
    if (event) processes.seePast(event, time)
    note(store.addPast(described), described)
  },
  end: () => processes.endPast(),
})

function start(key: string): void {
  setInterval(summarize, summaryMs)
  readFeed(key, {
    event(bytes) {
      const described = describeEvent(bytes, lastTime)
      const { event, time } = described
      lastTime = time
      received++
      nodes.see(event)
      gaps.see(event, time)
      if (!past.seeLive(described)) return
      // Before the event is filtered: a filter may ask for its process.
      if (event) processes.see(event, time)
      note(store.add(described), described)
    },
    state(next) {
      if (next.isConnected && !state.isConnected) past.beginConnection()
      if (next.isSubscribed) void past.read(key)
      state = next
    },
    refused: (text) => report({ kind: 'refused', text }),
  })
}

function detailOf(id: number): EventDetail | undefined {
  const stored = store.get(id)
  if (stored === undefined) return undefined
  const event = decodeEvent(stored.bytes)
  const process = event && 'process' in event.body ? event.body.process : undefined
  const lineage = processes.lineage(process?.exec_id ?? '')
  const { bytes, fields } = stored
  const key = (event && eventKey(bytes)) ?? ''
  const command = event === undefined ? '' : tetraCommand(event)
  const findings = event === undefined ? [] : eventFindings(event)
  const sentence = event === undefined ? '' : eventSentence(event)
  return { id, sentence, json: jsonOf(bytes), lineage, fields, findings, key, command }
}

function sendProcesses(rows: WantedRows, filter: string): void {
  const all = tree.rows(filter, span, performance.now())
  report({ kind: 'processes', ...treeRows(all, rows, (facts) => tree.eventsOf(facts)) })
}

function sendEnforcement(): void {
  void spanEnforcement.count(span)
  report({ kind: 'enforcement', summary: spanEnforcement.summary ?? enforcement.summary })
}

function sendAlerts(text: string): void {
  const match = compileFilter(text, undefined, (execId, test) => processes.isBelow(execId, test))
  report({ kind: 'alerts', summary: alerts.summary(span, (alert) => match(alertSubject(alert))) })
}

async function sendOverview(): Promise<void> {
  const number = ++overviews
  const overview = await overviewOf(store, span, lastTime, () => number === overviews)
  if (overview !== undefined) report({ kind: 'overview', overview })
}

function sendExport({ format, until }: Extract<Request, { readonly kind: 'export' }>): void {
  const number = ++exports
  const send = (progress: EventExport) => report({ kind: 'export', ...progress })
  void exportEvents(store, format, until, send, () => number === exports)
}

async function sendReport({ order }: Extract<Request, { readonly kind: 'report' }>): Promise<void> {
  const number = ++reports
  // Few pages ever make a report.
  const { makeReport } = await import('./collect-report.ts')
  const sources = {
    ...{ store, processes, alerts, span, filter: filter.text, missed: gaps.all },
    isSearching: filter.isSearching,
    past: past.state?.problem ?? (past.state?.isReading ? 'they are still being read' : ''),
    stream: state.isConnected || state.recorded !== undefined ? '' : (state.reason ?? ''),
  }
  const send = (progress: ReportProgress & { text?: string }): void => {
    report({ kind: 'report', ...progress })
  }
  await makeReport(order, sources, send, () => number === reports)
}

async function sendValues(until: number | undefined): Promise<void> {
  const number = ++valueCounts
  const values = await shownValues(store, until, () => number === valueCounts)
  if (values !== undefined) report({ kind: 'values', values })
}

function sendNodes(): void {
  const dropped = { events: store.dropped, processes: processes.dropped }
  report({ kind: 'nodes', summary: { ...nodes.summary, dropped, at: performance.now() } })
}

addEventListener('message', ({ data }: MessageEvent<Request>) => {
  switch (data.kind) {
    case 'start':
      return start(data.key)
    case 'filter':
      filter.set(data.text).then((problem) => {
        report({ kind: 'filter', text: data.text, problem })
        summarize()
      })
      return
    case 'span':
      span = data.span
      store.setSpan(span)
      filter.apply()
      return summarize()
    case 'density':
      report({ kind: 'density', part: store.density.part() })
      return report({ kind: 'gaps', gaps: gaps.all })
    case 'actions': {
      const actions = actionsOf(data.execId, { store, processes }, span, actionsMax)
      return report({ ...data, actions })
    }
    case 'find':
      return wanted.want(data.key, store)
    case 'events':
      return report({ kind: 'events', ...eventRows(store, data.rows, data.until) })
    case 'pause':
      pausedAt = data.until
      return summarize()
    case 'event':
      return report({ kind: 'event', id: data.id, detail: detailOf(data.id) })
    case 'export':
      return sendExport(data)
    case 'values':
      return void sendValues(data.until)
    case 'report':
      return void sendReport(data)
    case 'processes':
      return sendProcesses(data.rows, data.filter)
    case 'collapse':
      return tree.collapse(data.execIds)
    case 'lineage':
      return report({ ...data, lineage: processes.lineage(data.execId) })
    case 'enforcement':
      return sendEnforcement()
    case 'alerts':
      return sendAlerts(data.filter)
    case 'overview':
      return void sendOverview()
    case 'policyEvents':
      return report({ ...data, counts: store.countPairs(['policy', 'action'], span) })
    case 'nodeEvents':
      return report({ ...data, counts: store.countPairs(['node', 'kind'], span) })
    case 'nodes':
      return sendNodes()
    case 'check':
      return void policies.check(data.text)
    case 'try':
      return void policies.try(data.text, span)
    default:
      return data satisfies never
  }
})
