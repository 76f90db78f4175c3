import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecOf, escapeUnprintable, GetEventsResponse } from '@tetragon-ts/api'
import { EventStore } from '../store/event-store.ts'
import { compileFilter } from '../store/filter.ts'
import { describeEvent } from './describe-event.ts'
import { type EventExport, exportEvents } from './event-export.ts'
import { WorkSlices } from './work-slices.ts'

const codec = codecOf(GetEventsResponse)

/** Of a program with a name and arguments. */
function exec(binary: string, args = ''): GetEventsResponse {
  const process = { exec_id: 'a', pid: 7, uid: 0, binary, arguments: args }
  return { process_exec: { process }, node_name: 'node-1', time: '2026-01-02T03:04:05.678Z' }
}

function storeOf(responses: readonly GetEventsResponse[], max = 1000): EventStore {
  const store = new EventStore(max, 1e9)
  for (const response of responses) add(store, response)
  return store
}

function add(store: EventStore, response: GetEventsResponse): void {
  const { event: _, ...described } = describeEvent(codec.encode(response), 0)
  store.add(described)
  store.filterUntil(() => false)
}

/** The last report, and the file's text. */
async function exported(
  store: EventStore,
  format: EventExport['format'],
  until?: number,
): Promise<EventExport & { readonly text: string }> {
  const reports: EventExport[] = []
  await exportEvents(
    store,
    format,
    until,
    (each) => reports.push(each),
    () => true,
  )
  const last = reports.at(-1)!
  return { ...last, text: await last.file!.text() }
}

test('JSON lines have the shown events up to the pause, as they are in an export file', async () => {
  const responses = ['/bin/a', '/bin/b\n"\u202e', '/bin/ab', '/bin/later-a'].map((name) =>
    exec(name),
  )
  const store = storeOf(responses)
  store.filter(compileFilter('binary:*a*'))
  store.filterUntil(() => false)
  const { text, events, of } = await exported(store, 'json', 2)
  const lines = text.trimEnd().split('\n')
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [responses[0], responses[2]].map((each) => codec.decode(codec.encode(each))),
  )
  assert.deepEqual([events, of], [2, 2])
})

test('a table keeps hostile names in their cells, and none becomes a formula', async () => {
  const names = [
    '/bin/=1',
    '=cmd|calc',
    'a,"b"\r\nc',
    '@sum',
    '-1+1',
    '+1',
    '\t=1',
    '\x1b[2J\u202e',
  ]
  const { text } = await exported(storeOf(names.map((name) => exec(name, 'x'))), 'csv')
  const [head, ...rows] = text.split('\r\n').slice(0, -1).map(cellsOf)
  assert.deepEqual(head.slice(0, 2), ['time', 'kind'])
  assert.equal(rows[0][0], '2026-01-02T03:04:05.678Z')
  assert.deepEqual(
    rows.map((row) => row[head.indexOf('binary')]),
    names.map((name) => (/^[=@\-+]/.test(name) ? `'${name}` : escapeUnprintable(name))),
  )
  for (const row of rows) {
    assert.equal(row.length, head.length)
    assert.ok(
      row.every((cell) => /^(?![=@+-])[^\p{Cc}\u202e]*$/u.test(cell)),
      row.join(),
    )
  }
})

function cellsOf(row: string): string[] {
  return [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain]) => {
    return quoted?.replaceAll('""', '"') ?? plain
  })
}

test('a file has the events that were shown at its start, whatever filter is set later', async () => {
  const store = storeOf(['/bin/a', '/bin/b', '/bin/c'].map((name) => exec(name)))
  let last: EventExport | undefined
  const setFilter = (): boolean => {
    store.filter(compileFilter('binary:*c'))
    store.filterUntil(() => false)
    return true
  }
  const report = (progress: EventExport): void => {
    last = progress
  }
  await exportEvents(store, 'json', undefined, report, setFilter, new WorkSlices(0))
  assert.deepEqual([last?.events, last?.of, last?.dropped], [3, 3, 0])
})

test('what is dropped while a file is written, or cannot be decoded, is counted', async () => {
  const store = storeOf([], 6)
  store.add({ time: 0, line: 'broken', fields: {}, bytes: new Uint8Array([0xff]) })
  // Each fills a segment.
  const large = exec('/bin/large', 'x'.repeat(400_000))
  for (let i = 0; i < 5; i++) add(store, large)
  let last: EventExport | undefined
  const addMore = (): boolean => {
    for (let i = 0; i < 2; i++) add(store, large)
    return true
  }
  const report = (progress: EventExport): void => {
    last = progress
  }
  await exportEvents(store, 'json', undefined, report, addMore, new WorkSlices(0))
  const { file, ...counts } = last!
  assert.equal((await file!.text()).split('\n').length - 1, counts.events)
  assert.equal(counts.undecoded, 1)
  assert.ok(counts.dropped > 0 && counts.events > 0, JSON.stringify(counts))
  assert.equal(counts.of, 6)
  assert.equal(counts.events + counts.dropped + counts.undecoded, 6)
})

test('another file ends the one before', async () => {
  const store = storeOf(
    Array.from({ length: 20_000 }, (_, i) => exec(`/bin/${i}`)),
    30_000,
  )
  let isWanted = true
  const reports: EventExport[] = []
  const first = exportEvents(
    store,
    'csv',
    undefined,
    (each) => reports.push(each),
    () => isWanted,
  )
  isWanted = false
  await first
  assert.ok(reports.every(({ file }) => file === undefined))
})
