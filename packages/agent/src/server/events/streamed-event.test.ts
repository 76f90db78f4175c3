import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { codecOf, filterSubject, GetEventsResponse, parseEvent } from '@tetragon-ts/api'
import fc from 'fast-check'
import { endOfPlainMembers, objectExtent } from './json-object.ts'
import { KnownProcesses } from './known-processes.ts'
import { StreamedEvent } from './streamed-event.ts'

const codec = codecOf(GetEventsResponse)

function wholeEvent(line: string) {
  const parsed = parseEvent(line)
  assert.ok(parsed.ok, line)
  return parsed.event
}

/** The event must be to clients and filters what the line says. */
function check(line: string, processes: KnownProcesses): void {
  const event = new StreamedEvent(Buffer.from(line).toString('latin1'), processes)
  const whole = wholeEvent(line)
  assert.deepEqual(event.subject, filterSubject(whole))
  assert.deepEqual(codec.decode(event.bytes), codec.decode(codec.encode(whole.response)))
  assert.deepEqual(event.event, whole)
}

const text = fc.string({ unit: 'binary', maxLength: 30 })
const tail = fc.record(
  {
    refcnt: fc.nat(3),
    tid: fc.nat(3),
    in_init_tree: fc.boolean(),
    environment_variables: fc.constant([{ Key: '}', Value: '{"' }]),
    docker: fc.constantFrom('}', '"', '\\', ',"tid":1}'),
  },
  { requiredKeys: [] },
)
const process = fc
  .record({
    exec_id: fc.constantFrom('a', 'b', 'c'),
    pid: fc.nat(5),
    arguments: fc.oneof(text, fc.constantFrom('x', '{"tid":1}', ',"tid":2}', '\\"}')),
    tail,
  })
  .map(({ tail, ...head }) => ({ ...head, ...tail }))
const event = fc
  .record({
    key: fc.constantFrom('process_exec', 'process_exit', 'process_kprobe', 'process_loader'),
    process,
    parent: fc.option(process, { nil: undefined }),
    ancestors: fc.option(fc.array(process, { minLength: 1, maxLength: 2 }), { nil: undefined }),
    time: fc.constantFrom('2024-05-06T07:08:09Z', '2024-05-06T07:08:09.123456789Z'),
    node_name: text,
    policy_name: text,
  })
  .map(({ key, time, node_name, policy_name, ...body }) => {
    const more = key === 'process_kprobe' ? { policy_name, function_name: 'f' } : {}
    return { [key]: { ...body, ...more }, node_name, time }
  })

describe('a streamed event', () => {
  it('is what its line says, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (events) => {
        const processes = new KnownProcesses()
        for (const each of events) check(JSON.stringify(each), processes)
      }),
      { numRuns: 300 },
    )
  })

  it('may be written in other ways than ours', () => {
    for (const line of [
      '{"process_exec":{"parent":{"exec_id":"a"},"process":{"pid":1}}}',
      ' { "process_exec" : {"process":{"exec_id":"a"}}}',
      '{"time":"2024-05-06T07:08:09Z","test":{"arg0":"5"}}',
      '{"process_throttle":{"type":"THROTTLE_START","cgroup":"c"},"node_name":"n"}',
      '{"process_exec":{"process":{"pid":1,"exec_id":"a"},"parent":{"exec_id":"b","pid":2}}}',
      '{"process_exec":{"process":{"exec_id":"a"}, "parent":{"exec_id":"b","pid":2}}}',
      '{"process_exec":{}}',
    ]) {
      check(line, new KnownProcesses())
    }
  })

  it('of a process that is known does not mix it with another of the same id', () => {
    const processes = new KnownProcesses()
    const line = (pid: number, refcnt: number) =>
      `{"process_exec":{"process":{"exec_id":"a","pid":${pid},"refcnt":${refcnt},"tid":7}}}`
    for (const [pid, refcnt] of [
      [1, 1],
      [1, 2],
      [2, 1],
      [1, 1],
      [12, 1],
    ] as const) {
      check(line(pid, refcnt), processes)
    }
  })
})

describe('the extent of an object', () => {
  it('is found in any JSON', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (object, rest) => {
        const json = JSON.stringify(object)
        const line = `xx${json}${rest}`
        const extent = objectExtent(line, 2)
        assert.equal(extent?.end, 2 + json.length)
        assert.equal(extent?.commas.length, Math.max(0, Object.keys(object).length - 1))
        const plain = endOfPlainMembers(line, 3)
        // It may know nothing, but never something wrong.
        const values = Object.values(object).map((value) => typeof value)
        if (plain !== undefined && !values.includes('string')) assert.equal(plain, extent?.end)
      }),
    )
  })
})
