import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import type { ReportSubject } from '../report/report-facts.ts'
import { reportText } from '../report/report-text.ts'
import { EventStore } from '../store/event-store.ts'
import { compileFilter } from '../store/filter.ts'
import { ProcessIndex } from '../store/process-index.ts'
import { AlertGroups } from '../summaries/alert-groups.ts'
import { collectReport, type ReportOrder, type ReportSources } from './collect-report.ts'
import { describeEvent } from './describe-event.ts'
import { WorkSlices } from './work-slices.ts'

const codec = codecOf(GetEventsResponse)
const start = Date.parse('2026-01-02T03:04:05.000Z')

function processOf(id: string, parent: string): object {
  return {
    ...{ exec_id: id, parent_exec_id: parent, pid: id.charCodeAt(0), binary: `/bin/${id}` },
    ...{ uid: 0, start_time: '2026-01-02T03:04:05.000Z' },
  }
}

/** A start of a program. @param ids exec ids of the process and of those above it */
function exec(ids: string, more: Partial<GetEventsResponse> = {}): GetEventsResponse {
  const [id, parent = '', above = ''] = ids
  const process = processOf(id, parent)
  return {
    process_exec: { process, ...(parent !== '' && { parent: processOf(parent, above) }) },
    node_name: 'node-1',
    ...more,
  }
}

function sourcesOf(responses: readonly GetEventsResponse[]): ReportSources {
  const store = new EventStore(100_000, 1e9)
  const processes = new ProcessIndex(1000, 1e9)
  const alerts = new AlertGroups(100, 1 << 20)
  responses.forEach((response, i) => {
    const time = new Date(start + i * 1000).toISOString()
    const { event, ...described } = describeEvent(codec.encode({ time, ...response }), 0)
    if (event) processes.see(event, described.time)
    const id = store.add(described)
    if (event) alerts.see(event, described.time, id)
  })
  store.filterUntil(() => false)
  const none = { missed: [], isSearching: false, past: '', stream: '' }
  return { store, processes, alerts, span: undefined, filter: '', ...none }
}

function orderOf(subject: ReportSubject): ReportOrder {
  return { subject, states: [], lost: [] }
}

async function collected(order: ReportOrder, sources: ReportSources) {
  const facts = await collectReport(
    order,
    sources,
    () => {},
    () => true,
  )
  assert.ok(facts !== undefined)
  return facts
}

const shell = { rule: 'shell', title: 'Shell', level: 'high' }
const responses = [
  exec('a'),
  exec('ba', { findings: [shell] }),
  exec('cba'),
  exec('xy', { node_name: 'node-2' }),
]

test('a report of the list has its events up to the pause, and those of the filter', async () => {
  const sources = sourcesOf(responses)
  sources.store.filter(compileFilter('-binary:=/bin/a'))
  sources.store.filterUntil(() => false)
  const facts = await collected(orderOf({ kind: 'events', until: 2, event: 1 }), sources)
  assert.deepEqual(
    facts.start.map(({ program }) => program),
    ['/bin/b', '/bin/c'],
  )
  assert.deepEqual([facts.events, facts.gaps.newer], [2, 1])
  assert.match(facts.sentence, /^b, started by a, began to execute \/bin\/b/)
  assert.deepEqual(
    facts.lineage.map(({ binary }) => binary),
    ['/bin/a', '/bin/b'],
  )
  assert.equal(facts.start[0].what, 'process /bin/b [high: Shell]')
})

test('a report of a process has what it and those below it did, in the span', async () => {
  const sources = sourcesOf(responses)
  const order = orderOf({ kind: 'process', execId: 'b' })
  const whole = await collected(order, sources)
  assert.deepEqual(
    whole.start.map(({ program }) => program),
    ['/bin/b', '/bin/c'],
  )
  assert.deepEqual(whole.nodes, [{ name: 'node-1', count: 2, isExact: true }])
  const span = { from: start + 2000, to: start + 3000 }
  const part = await collected(order, { ...sources, span })
  assert.deepEqual([part.events, part.first], [1, start + 2000])
})

test('a report of an alert has its state and note, also if its events are not in the span', async () => {
  const sources = sourcesOf(responses)
  const [{ key, exec: execId, event, last }] = sources.alerts.summary().alerts
  const states = [{ key, state: 'seen', note: 'a | b\n<b>', last }] as const
  const span = { from: 0, to: 1 }
  const order = { subject: { kind: 'alert', key, execId, event }, states, lost: [] } as const
  const facts = await collected(order, { ...sources, span })
  assert.equal(facts.events, 0)
  assert.deepEqual(
    facts.alerts.map(({ title, state, note }) => [title, state, note]),
    [['Shell', 'seen', 'a | b\n<b>']],
  )
  assert.match(reportText(facts), /\n```\na \| b\n<b>\n```\n/)
})

test('losses of agents and of the page are those of the span', async () => {
  const gap = { lost: 3, node: 'node-1', hidesProcesses: true }
  const sources = {
    ...sourcesOf(responses),
    span: { from: start, to: start + 2000 },
    missed: [{ ...gap, from: start + 1000, to: start + 1500 }],
  }
  const lost = [
    { ...gap, from: start, to: start + 1 },
    { ...gap, from: start + 5000, to: start + 6000 },
  ]
  const order = { ...orderOf({ kind: 'events', until: undefined, event: undefined }), lost }
  const facts = await collected(order, sources)
  assert.deepEqual(
    facts.gaps.lost.map(({ from }) => from - start),
    [0, 1000],
  )
})

test('broken and dropped events are counted', async () => {
  const sources = sourcesOf(responses)
  sources.store.add({ time: start, line: 'broken', fields: {}, bytes: new Uint8Array([0xff]) })
  const order = orderOf({ kind: 'events', until: undefined, event: undefined })
  const facts = await collected(order, sources)
  assert.deepEqual([facts.events, facts.gaps.undecoded], [5, 1])
})

test('a long time line has its ends, and another report ends the one before', async () => {
  const sources = sourcesOf(Array.from({ length: 1000 }, () => exec('a')))
  const order = orderOf({ kind: 'events', until: undefined, event: undefined })
  const facts = await collected(order, sources)
  assert.deepEqual([facts.start.length, facts.between, facts.end.length], [250, 500, 250])
  const unwanted = await collectReport(
    order,
    sources,
    () => {},
    () => false,
    new WorkSlices(0),
  )
  assert.equal(unwanted, undefined)
})
