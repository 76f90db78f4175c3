import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CompactError } from './compact/compact-error.ts'
import { compactPrinter } from './compact/compact-printer.ts'
import { eventKinds, findEventKind } from './event-type.ts'
import { GetEventsResponse } from './events/event-table.ts'
import { parseEvent } from './parse-event.ts'
import { isPrintable } from './quoting/printable.ts'
import { hostileEvent } from './testing/hostile-event.ts'

function failure(line: string): string {
  const parsed = parseEvent(line)
  assert.ok(!parsed.ok)
  assert.ok(isPrintable(parsed.reason))
  return `${parsed.failure}: ${parsed.reason}`
}

test('event types have three names', () => {
  assert.deepEqual(findEventKind('process_lsm'), findEventKind(28))
  assert.equal(findEventKind('PROCESS_USDT')?.number, 29)
  assert.equal(findEventKind('UNDEF'), undefined)
  assert.equal(findEventKind('constructor'), undefined)
  assert.equal(eventKinds.length, 11)
  for (const { key, number, message } of eventKinds) {
    assert.equal(GetEventsResponse.fields[key].number, number)
    assert.equal(GetEventsResponse.fields[key].type, message)
  }
})

test('an event is parsed with its kind', () => {
  const parsed = parseEvent('{"process_exit":{"signal":"SIGKILL","new":[1]},"time":"t","x":{}}')
  assert.ok(parsed.ok && parsed.event.key === 'process_exit')
  assert.equal(parsed.event.body.signal, 'SIGKILL')
  assert.equal(parsed.event.response.time, 't')
})

test('null means not set', () => {
  const parsed = parseEvent('{"process_exec":{"process":null},"process_exit":null}')
  assert.ok(parsed.ok && parsed.event.key === 'process_exec')
  assert.equal(parsed.event.body.process, undefined)
})

test('lines that are not events have a reason', () => {
  assert.match(failure(''), /^empty/)
  assert.match(failure(' \r'), /^empty/)
  assert.match(failure('{"process_exec":'), /^malformed_json: parse event: /)
  assert.match(failure('\x1b[31m'), /^malformed_json: .*\\x1b/)
  assert.equal(failure('[]'), 'invalid_shape: parse event: expected an object')
  assert.equal(failure('{}'), 'unknown_event: unknown event type: ')
  assert.equal(failure('{"process_dns":{}}'), 'unknown_event: unknown event type: process_dns')
  assert.equal(failure('{"PROCESS_EXEC":{}}'), 'unknown_event: unknown event type: PROCESS_EXEC')
  assert.equal(
    failure('{"process_exec":{},"test":{}}'),
    'invalid_shape: parse event: both process_exec and test in one event',
  )
  const shapes: [string, string][] = [
    ['{"process_exec":5}', 'process_exec: expected an object'],
    ['{"process_exec":{"process":{"binary":7}}}', 'process_exec.process.binary: expected a string'],
    ['{"process_exec":{"ancestors":[{},[]]}}', 'process_exec.ancestors[1]: expected an object'],
    [
      '{"process_exec":{"process":{"pid":-1}}}',
      'process_exec.process.pid: expected an integer from 0 to 4294967295',
    ],
    [
      '{"process_kprobe":{"args":[{"size_arg":"0x1"}]}}',
      'process_kprobe.args[0].size_arg: expected a uint64 as decimal digits',
    ],
    [
      '{"process_exec":{"process":{"pod":{"pod_labels":{"a":{}}}}}}',
      'process_exec.process.pod.pod_labels: expected an object whose values are strings',
    ],
  ]
  for (const [line, reason] of shapes) {
    assert.equal(failure(line), `invalid_shape: parse event: ${reason}`)
  }
})

test('keys of Object.prototype are fields like any other', () => {
  const line = '{"__proto__":{"process_exec":{}},"constructor":1,"toString":null}'
  assert.match(failure(line), /^unknown_event: unknown event type: __proto__, constructor/)
  const parsed = parseEvent('{"test":{"__proto__":{"arg0":{}}}}')
  assert.ok(parsed.ok)
  assert.equal(Object.getPrototypeOf(parsed.event.body), Object.prototype)
})

const forbidden = /[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/

test('no JSON makes the parser throw or the printers crash or print control characters', () => {
  const print = compactPrinter({ timestamps: true, stackTraces: true, imaHash: true })
  const colours = compactPrinter({ colour: true, stackTraces: true, imaHash: true })
  const prefix = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z /
  let printed = 0
  fc.assert(
    fc.property(fc.oneof(hostileEvent, fc.jsonValue()), (value) => {
      const parsed = parseEvent(JSON.stringify(value))
      if (!parsed.ok) return assert.ok(isPrintable(parsed.reason))
      try {
        const text = print(parsed.event)
        assert.match(text, prefix)
        assert.doesNotMatch(text, forbidden)
        const lines = text.slice(0, -1).split('\n').slice(1)
        for (const line of lines) assert.match(line, /^(Kernel:|User:| {3}.*)$/)
        assert.doesNotMatch(colours(parsed.event).replaceAll(/\x1b\[\d+m/g, ''), forbidden)
        printed++
      } catch (error) {
        if (!(error instanceof CompactError)) throw error
      }
    }),
    { numRuns: 1500 },
  )
  assert.ok(printed > 10, `only ${printed} events were printed`)
})

test('no text makes the parser throw', () => {
  const bytes = fc.uint8Array().map((array) => Buffer.from(array).toString())
  fc.assert(
    fc.property(fc.oneof(bytes, fc.string({ unit: 'binary' })), (line) => {
      const parsed = parseEvent(line)
      assert.ok(parsed.ok || isPrintable(parsed.reason))
    }),
  )
  assert.match(failure('['.repeat(1_000_000)), /^malformed_json/)
})
