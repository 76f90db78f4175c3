import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ProcessFacts } from '../store/process-facts.ts'
import type { Alert } from '../summaries/alert-groups.ts'
import { readReport } from '../testing/markdown-reader.ts'
import type { ReportFacts } from './report-facts.ts'
import { reportText } from './report-text.ts'

const time = Date.parse('2026-01-02T03:04:05.678Z')

/** A report in which everything that others choose is the next one of some texts. */
function reportOf(texts: readonly string[]): ReportFacts {
  let next = 0
  const text = (): string => texts[next++ % texts.length]
  const row = () => ({ time, what: text(), program: text(), user: text(), place: text() })
  const counted = () => ({ name: text(), count: 1234, isExact: true })
  // Equal nodes and pids are those of one process.
  const node = text()
  const facts = (execId: string, parentExecId: string): ProcessFacts => ({
    ...{ execId, parentExecId, replaced: '', pid: 7, binary: text(), args: text(), pod: text() },
    ...{ user: text(), container: text(), details: '', node, start: time, end: time },
    ...{ ending: text(), events: 1 },
  })
  const alert: Alert = {
    source: 'rule',
    ...{ key: 'k', id: 1, rule: text(), isCorrelation: false, title: text() },
    ...{ level: 'high', binary: text(), parent: text(), pod: text(), container: '', node: text() },
    ...{ user: text(), exec: 'b', count: 2, first: time, last: time, event: 1 },
  }
  const group = {
    ...{ key: 'k', policy: text(), hook: text(), kind: 'process_kprobe', action: text() },
    outcome: 'done',
    ...{ means: text(), count: 3, events: 3, limitReached: 0 },
    ...{ first: time, last: time, operations: [counted(), counted()], binaries: [counted()] },
    pods: [],
  } as const
  const lost = { from: time, to: time + 1000, lost: 12, hidesProcesses: true }
  return {
    ...{ kind: 'alert', madeAt: time, span: { from: time, to: time + 60_000 } },
    filter: `"${text()}" pod:"=${text()}" tree:12 cel: ${text()}`,
    ...{ events: 1203, first: time, last: time + 1, nodes: [counted(), counted()] },
    sentence: text(),
    findings: [
      { level: 'high', title: text(), notes: text(), fields: [{ field: 'a', value: text() }] },
    ],
    lineage: [facts('a', 'unknown'), facts('b', 'a')],
    ...{ start: [row(), row()], between: 1200, end: [row()] },
    alerts: [
      { ...alert, state: 'seen', note: text() },
      { ...alert, state: 'new', note: '' },
    ],
    stopped: {
      since: 0,
      groups: [group],
      ungrouped: { done: 1, monitored: 0, failed: 0, unreported: 0 },
    },
    gaps: {
      lost: [{ ...lost, node }],
      ...{ dropped: 5, droppedUntil: time, droppedSince: 1, undecoded: 2, newer: 3 },
      ...{ isSearching: true, past: text(), stream: text() },
      droppedAlerts: { alerts: 1, findings: 2 },
    },
  }
}

const piece = fc.oneof(
  fc.constantFrom(
    ...['|', '\\', '`', '```', '\n```\n', '\r\n', '\u2028', '<script>', '<img src=x>', '\u202e'],
    ...[
      '![x](http://a.example/x)',
      '[a]: https://a.example',
      '\n| --- |\n',
      '\n# ',
      '\n\n- ',
      '\0',
    ],
  ),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }),
)
/** Quotes would make other terms of the filter. */
const hostile = fc
  .array(piece, { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join('').replaceAll('"', "'"))
  .filter((text) => text.trim() !== '' && !/cel:/i.test(text))

test('no value changes the rows, cells and headings of a report, or is markup', () => {
  const { shape } = readReport(reportText(reportOf(['benign'])))
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1, maxLength: 50 }), (texts) => {
      const text = reportText(reportOf(texts))
      assert.equal(readReport(text).shape, shape)
      // Line ends are those of the report.
      assert.match(text.replaceAll('\n', ''), /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u)
    }),
  )
})

test('a report has its parts in order', () => {
  const text = reportText(reportOf(['benign']))
  assert.deepEqual(
    text.split('\n').filter((line) => line.startsWith('#')),
    [
      ...['# Report of an alert', '## Event', '## Process', '## Alerts'],
      ...['## Stopped operations', '## Time line', '## Missing from this report'],
    ],
  )
  for (const line of [
    '- Time: 2026-01-02 03:04:05.678 to 2026-01-02 03:05:05.678 UTC, a selected span',
    '- Condition: the process with pid `12`, or one below it',
    '- started by a process that the page does not know',
    '|  | 1,200 more events |  |  |  |',
    'Note on alert 1:',
    '1 further operations are not in the table.',
    '- 12 events were lost between 2026-01-02 03:04:05.678 and 2026-01-02 03:04:06.678 ' +
      'on node `benign`, starts and ends of processes may be among them',
    '- 3 later events match: the list was paused',
  ]) {
    assert.ok(text.split('\n').includes(line), `${line}\n${text}`)
  }
})

test('a report without events says so', () => {
  const facts = reportOf(['benign'])
  const nothing = { dropped: 0, droppedSince: 0, undecoded: 0, newer: 0, isSearching: false }
  const text = reportText({
    ...facts,
    ...{ kind: 'events', span: undefined, filter: '', events: 0, first: undefined },
    ...{ last: undefined, nodes: [], sentence: '', findings: [], lineage: [], alerts: [] },
    ...{ start: [], between: 0, end: [], stopped: { ...facts.stopped, groups: [] } },
    gaps: {
      ...nothing,
      ...{ lost: [], droppedUntil: undefined, past: '', stream: '' },
      droppedAlerts: { alerts: 0, findings: 0 },
    },
  })
  assert.equal(
    text,
    `# Report of events

- Made: 2026-01-02 03:04:05.678 UTC, by tetra console
- Time: everything that the page had
- Events: 0
- Filter: none

## Time line

No event.

## Missing from this report

- nothing, as far as the page knows
`,
  )
})

test('a process that executes many programs makes no long item', () => {
  const facts = reportOf(['benign'])
  const [image] = facts.lineage
  const lineage = Array.from({ length: 500 }, (_, i) => ({ ...image, binary: `/bin/${i}` }))
  const text = reportText({ ...facts, lineage })
  assert.match(text, /executed by `\/bin\/491` and .* and `\/bin\/498`, 491 programs before are/)
  assert.doesNotMatch(text, /`\/bin\/490`/)
})
