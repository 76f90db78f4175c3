import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseEvent } from '@tetragon-ts/api'
import { recordMemory } from '@tetragon-ts/ebpf/records'
import { recordKind } from '@tetragon-ts/sensors'
import { ThrottleRecord } from '@tetragon-ts/sensors/process/cgroup-rate'
import { ExecIds } from '../../processes/process.ts'
import { ProcessCache } from '../../processes/process-cache.ts'
import { Containers } from '../../workloads/containers.ts'
import { plainContent } from '../event-content.ts'
import { EventBuffer, WallClock } from '../json/event-lines.ts'
import { NodeFields } from '../json/node-fields.ts'
import { ThrottleEvents } from './throttle-events.ts'

const size = ThrottleRecord.shape.name.length

/** The events of these records: name of the group, and whether it exceeds the rate. */
function told(records: readonly (readonly [cgroup: bigint, name: string, isOver: number])[]) {
  const memory = recordMemory(new ArrayBuffer(ThrottleRecord.size))
  const out = new EventBuffer()
  const events = new ThrottleEvents(
    {
      out,
      clock: new WallClock(0n),
      cache: new ProcessCache(),
      procfs: '/proc',
      containers: new Containers(),
      execIds: new ExecIds('n'),
      node: new NodeFields('n', ''),
      content: plainContent,
    },
    memory,
  )
  for (const [i, [cgroup, text, isOver]] of records.entries()) {
    const time = BigInt(i + 1) * 2_000_000_000n
    const name = [...Buffer.from(text, 'latin1'), ...Array(size).fill(0)].slice(0, size)
    const value = { kind: recordKind.throttle, isOver, cgroup, time, name }
    ThrottleRecord.encode(value, new DataView(memory.bytes.buffer), 0)
    events.record(0)
  }
  // No group has been silent for long enough.
  events.endBatch()
  const lines = out.bytes.toString('utf8', 0, out.length).split('\n').slice(0, -1)
  assert.equal(events.written, lines.length)
  const said = lines.map((line) => {
    const parsed = parseEvent(line)
    assert.ok(parsed.ok, line)
    const { process_throttle: throttle, time, node_name } = parsed.event.response
    assert.equal(node_name, 'n')
    return [throttle?.cgroup, throttle?.type, Date.parse(time ?? '')]
  })
  return { said, rest: events.rest }
}

describe('throttle events', () => {
  it('begin and end once for each group', () => {
    const { said, rest } = told([
      [1n, 'a', 1],
      [2n, 'b', 1],
      [1n, 'a', 1],
      [1n, 'a', 0],
      [1n, 'a', 0],
      [3n, 'c', 0],
    ])
    assert.deepEqual(said, [
      ['a', 'THROTTLE_START', 2000],
      ['b', 'THROTTLE_START', 4000],
      ['a', 'THROTTLE_STOP', 8000],
    ])
    assert.ok(Number.isFinite(rest))
  })

  it('do not wake the reader while no group is throttled', () => {
    assert.equal(told([]).rest, Number.POSITIVE_INFINITY)
    const both = told([
      [1n, 'a', 1],
      [1n, 'a', 0],
    ])
    assert.equal(both.rest, Number.POSITIVE_INFINITY)
  })

  it('support any name', () => {
    const names = ['', 'x"\\\n', '\xff', 'y'.repeat(300)]
    const { said } = told(names.map((name, i) => [BigInt(i), name, 1] as const))
    assert.deepEqual(
      said.map(([name]) => name),
      ['/', 'x"\\\n', '\ufffd', 'y'.repeat(size)],
    )
  })
})
