import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { prepareTexts } from '../rules/prepare-texts.ts'
import { ReaderLoop } from './loop.ts'
import { SinkClosed } from './outputs/sink.ts'
import type { Command, Report } from './protocol.ts'
import { testPipeline } from './testing/test-pipeline.ts'
import { execRecord, hookRecordBytes, runningRecord, testHook } from './testing/test-records.ts'

/**
 * Runs the loop with these commands.
 * @param before called before each command
 */
async function run(
  commands: readonly Command[],
  prepare = (_: Test): void => {},
  before = (_: Command, __: Test): void => {},
  expectsRules = false,
) {
  const test = testPipeline()
  prepare(test)
  const { source, pipeline, context, sink, tap } = test
  source.wakeup = 'doorbell'
  const reports: Report[] = []
  const left = [...commands]
  let setRules = 0
  await new ReaderLoop({
    source,
    pipeline,
    context,
    sink,
    tap,
    expectsRules,
    profiler: { start() {}, stop: () => 'samples' },
    report: (report) => reports.push(report),
    nextCommand() {
      // Rules are compiled between commands.
      const isBusy = setRules > reports.filter(({ kind }) => kind === 'rulesSet').length
      const command = isBusy ? undefined : left.shift()
      if (command?.kind === 'setRules') setRules++
      if (command) before(command, test)
      return command
    },
  }).run()
  return { ...test, reports, left }
}
type Test = ReturnType<typeof testPipeline>

describe('the loop of the reader', () => {
  it('reads all records before it stops, and closes everything', async () => {
    const { source, sink, left } = await run(
      [{ kind: 'discovered', lookup: undefined }, { kind: 'stop' }, { kind: 'startProfile' }],
      ({ source }) => {
        const process = { pid: 100, start: 1000 }
        source.add(runningRecord(process), execRecord({ ...process, ktime: 5, execs: 1 }, '/x'))
      },
    )
    // The kernel, the running process, and its exec.
    assert.equal(sink.lines.length, 3)
    assert.ok(sink.hasReportedLoss && sink.isClosed && source.isClosed)
    assert.deepEqual(left, [{ kind: 'startProfile' }])
  })

  it('waits for records that are being written when the running processes were found', async () => {
    const process = { pid: 100, start: 1000 }
    const above = { pid: 101, start: 1001 }
    const { events } = await run(
      [{ kind: 'discovered', lookup: undefined }, { kind: 'stop' }],
      ({ source }) => {
        source.add(runningRecord({ ...process, parent: above }))
        source.busy = { at: source.end, reads: 3 }
        source.add(runningRecord(above))
      },
    )
    const pids = events().map(({ process_exec: exec }) => exec?.process?.pid)
    assert.deepEqual(pids, [0, 101, 100])
  })

  it('waits once for a record that is never completed, whatever commands follow', async (t) => {
    let now = 0
    t.mock.method(performance, 'now', () => {
      now += 100
      return now
    })
    const unload: Command = { kind: 'removeHooks', ids: [], removedAt: 0n }
    const busy = { at: 0, reads: 1e6 }
    /** How often the ring was read before each command. */
    const reads: number[] = []
    await run(
      [unload, unload, unload, { kind: 'stop' }],
      ({ source }) => {
        source.busy = busy
        source.add(execRecord({ pid: 100, start: 1000 }, '/bin/x'))
      },
      () => void reads.push(1e6 - busy.reads),
    )
    const [first, second, third, last] = reads
    assert.ok(second - first > 2)
    assert.deepEqual([third - second, last - third], [1, 1])
  })

  it('adds the labels of the node to later events', async () => {
    let execs = 0
    const exec = () =>
      execRecord({ pid: 100, start: 1000, ktime: 1000 + execs, execs: ++execs }, '/x')
    const many = Object.fromEntries(
      Array.from({ length: 999 }, (_, i) => [`label-${i}`, 'x'.repeat(60)]),
    )
    const { events, reports } = await run(
      [
        { kind: 'discovered', lookup: undefined },
        { kind: 'node', labels: { zone: 'a' } },
        { kind: 'node', labels: many },
        { kind: 'stop' },
      ],
      ({ source }) => source.add(exec()),
      (_, { source, pipeline }) => {
        source.add(exec())
        pipeline.drain(1)
      },
    )
    const labels = events().map(({ node_labels }) => node_labels)
    assert.deepEqual(labels.slice(-3), [undefined, { zone: 'a' }, undefined])
    const warnings = reports.flatMap((report) => (report.kind === 'warning' ? report.message : []))
    assert.match(warnings.join(), /^show the labels of the node: they have \d+ bytes; events omit/)
  })

  it('answers questions with their number', async () => {
    const { reports } = await run([
      { kind: 'discovered', lookup: undefined },
      { kind: 'addHooks', question: 1, hooks: [testHook(7)], replacedIds: [] },
      { kind: 'listProcesses', question: 2 },
      { kind: 'readTotals', question: 3 },
      { kind: 'startProfile' },
      { kind: 'endProfile', question: 4 },
      { kind: 'removeHooks', ids: [7], removedAt: 0n },
      { kind: 'stop' },
    ])
    assert.deepEqual(
      reports.map((report) => [report.kind, 'question' in report ? report.question : undefined]),
      [
        ['discovered', undefined],
        ['hooksAdded', 1],
        ['processes', 2],
        ['totals', 3],
        ['profile', 4],
      ],
    )
  })

  it('reads all records of hooks before it drops them', async () => {
    const process = { pid: 100, start: 1000 }
    const hook = testHook(7)
    // More than the loop reads before it handles commands.
    const count = 1500
    const hit = hookRecordBytes(hook, process, 3000, { a0: { value: 1 } })
    const { sink } = await run(
      [
        { kind: 'discovered', lookup: undefined },
        { kind: 'addHooks', question: 1, hooks: [hook], replacedIds: [] },
        { kind: 'removeHooks', ids: [7], removedAt: 0n },
        { kind: 'stop' },
      ],
      ({ source }) => source.add(runningRecord(process)),
      ({ kind }, { source }) => {
        if (kind !== 'removeHooks') return
        for (let i = 0; i < count; i++) source.add(hit)
      },
    )
    const hits = sink.lines.filter((line) => line.includes('process_kprobe'))
    assert.equal(hits.length, count)
  })

  describe('with rules that are compiled after the start', () => {
    const prepared = prepareTexts({
      texts: [
        {
          path: 'a.yaml',
          text: `title: Any
logsource: { product: linux, category: process_creation }
detection: { s: { Image: /x }, condition: s }`,
        },
      ],
    })
    const exec = (number: number) =>
      execRecord({ pid: 100, start: 1000, ktime: 2000 + number, execs: number }, '/x')
    /** Execs before the start, after it, and when the rules are in force. */
    const start = (pendingBytes?: number) =>
      run(
        [
          { kind: 'discovered', lookup: undefined },
          { kind: 'removeWorkloads', numbers: [] },
          { kind: 'setRules', question: 1, prepared },
          { kind: 'readTotals', question: 2 },
          { kind: 'stop' },
        ],
        ({ source, pipeline }) => {
          pipeline.expectRules()
          source.add(exec(1))
        },
        ({ kind }, { source }) => {
          if (kind === 'removeWorkloads') source.add(exec(2))
          if (kind === 'setRules') source.pendingBytes = pendingBytes
          if (kind === 'stop') source.pendingBytes = undefined
        },
        true,
      )

    it('keeps records until they are in force, and counts those before', async () => {
      const { events, reports } = await start()
      const found = events().flatMap(({ process_exec, findings = [] }) =>
        process_exec ? [findings.length] : [],
      )
      assert.deepEqual(found.slice(-2), [0, 1])
      const totals = reports.find((report) => report.kind === 'totals')?.totals
      assert.equal(totals?.findings.early, 1)
      assert.equal(reports.find((report) => report.kind === 'rulesSet')?.early, 1)
    })

    it('reads records when they fill a quarter of the ring', async () => {
      const { events } = await start(1 << 16)
      const found = events().map(({ findings = [] }) => findings.length)
      assert.equal(found.at(-1), 0)
    })
  })

  it('ends when the receiver of the events is gone', async () => {
    const { reports, source, sink } = await run([], ({ sink }) => {
      sink.write = () => {
        throw new SinkClosed('gone')
      }
    })
    assert.deepEqual(reports, [{ kind: 'sinkClosed' }])
    assert.ok(sink.isClosed && source.isClosed)
  })

  it('fails with any other failure of the sink', async () => {
    const running = run([], ({ sink }) => {
      sink.write = () => {
        throw new Error('no space')
      }
    })
    await assert.rejects(running, /no space/)
  })
})
