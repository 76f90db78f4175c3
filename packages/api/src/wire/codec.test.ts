import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { checkMessage } from '../check-message.ts'
import { GetEventsResponse } from '../events/event-table.ts'
import { GetEventsRequest } from '../events/filter.ts'
import type { MessageType } from '../message.ts'
import {
  double,
  fixed64,
  int32,
  int64,
  many,
  mapOf,
  message,
  nested,
  optional,
  string,
} from '../message.ts'
import { GetInfoResponse } from '../messages/info.ts'
import { KprobeArgument } from '../messages/kprobe-argument.ts'
import { ConfigureTracingPolicyRequest } from '../messages/policies.ts'
import { arbitraryMessage } from '../testing/arbitrary-message.ts'
import { agentFiles } from '../testing/index.ts'
import { codecOf } from './codec.ts'
import { ProtobufError } from './protobuf-error.ts'

const messages = agentFiles
  .flatMap(({ types }) => types)
  .filter((type): type is MessageType => type.kind === 'message')

function hex(type: MessageType, value: object): string {
  return codecOf(type).encode(value).toString('hex')
}

function decode<M extends MessageType>(type: M, text: string) {
  return codecOf(type).decode(Buffer.from(text.replaceAll(' ', ''), 'hex'))
}

describe('codecs', () => {
  it('return every message unchanged', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...messages).chain((type) => {
          return fc.tuple(fc.constant(type), arbitraryMessage(type))
        }),
        ([type, value]) => {
          const codec = codecOf(type)
          assert.deepEqual(codec.decode(codec.encode(value)), value)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('throw nothing but their own error for any bytes', () => {
    const damaged = arbitraryMessage(GetEventsResponse).chain((value) => {
      const bytes = codecOf(GetEventsResponse).encode(value)
      const change = fc.tuple(fc.nat(Math.max(0, bytes.length - 1)), fc.nat(255))
      return fc
        .tuple(fc.array(change, { maxLength: 4 }), fc.nat(bytes.length))
        .map(([changes, end]) => {
          const copy = Buffer.from(bytes)
          for (const [at, byte] of changes) copy[at] = byte
          return copy.subarray(0, end)
        })
    })
    const anyBytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged)
    fc.assert(
      fc.property(anyBytes, fc.constantFrom(...messages, GetEventsResponse), (bytes, type) => {
        try {
          const codec = codecOf(type)
          // Every decoded message can be encoded again.
          codec.encode(codec.decode(bytes))
        } catch (error) {
          if (!(error instanceof ProtobufError)) throw error
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('write the examples of the protobuf documentation', () => {
    const Test1 = message('Test1', { a: int32(1) })
    const Test2 = message('Test2', { b: string(2) })
    const Test3 = message('Test3', { c: nested(3, Test1) })
    const Test5 = message('Test5', { f: many(int32(6)) })
    assert.equal(hex(Test1, { a: 150 }), '089601')
    assert.equal(hex(Test2, { b: 'testing' }), '120774657374696e67')
    assert.equal(hex(Test3, { c: { a: 150 } }), '1a03089601')
    assert.equal(hex(Test5, { f: [3, 270, 86942] }), '3206038e029ea705')
    assert.equal(hex(Test1, { a: -2 }), '08feffffffffffffffff01')
  })

  it('omit defaults, except for fields with presence', () => {
    assert.equal(hex(GetEventsResponse, { node_name: '', time: undefined, node_labels: {} }), '')
    assert.equal(hex(KprobeArgument, { int_arg: 0, label: '' }), '1000')
    assert.deepEqual(decode(KprobeArgument, '1000'), { int_arg: 0 })
    assert.equal(hex(ConfigureTracingPolicyRequest, { enable: false }), '1800')
    assert.deepEqual(decode(ConfigureTracingPolicyRequest, '1800'), { enable: false })
  })

  it('skip unknown fields and enum names', () => {
    const M = message('M', { a: int32(1), b: string(2) })
    // Field 9 as a varint, 64 bits, bytes, a group in a group, 32 bits; field 1 as bytes.
    const unknown = '4801 490102030405060708 4a020102 4b530801545b5c4c 4d01020304 0a0101'
    assert.deepEqual(decode(M, `${unknown} 0805 ${unknown} 120161`), { a: 5, b: 'a' })
    assert.equal(
      hex(GetEventsRequest, { allow_list: [{ event_set: ['NEW', 'PROCESS_EXIT'] }] }),
      '0a03320105',
    )
    assert.deepEqual(decode(GetEventsRequest, '0a03320163'), { allow_list: [{ event_set: [99] }] })
  })

  it('read lists of scalars packed or not, and merge repeated messages', () => {
    const Inner = message('Inner', { a: int32(1), b: int32(2) })
    const M = message('M', { list: many(int32(1)), inner: nested(2, Inner), map: mapOf(int32(3)) })
    assert.deepEqual(decode(M, '0801 0a020203 0804'), { list: [1, 2, 3, 4] })
    assert.deepEqual(decode(M, '12020801 12021002'), { inner: { a: 1, b: 2 } })
    assert.deepEqual(decode(M, '1a050a01611001 1a050a01611002 1a00'), { map: { a: 2, '': 0 } })
  })

  it('keep the last one of a group', () => {
    assert.deepEqual(decode(KprobeArgument, '1005 0a0161'), { string_arg: 'a' })
    assert.deepEqual(decode(KprobeArgument, '0a0161 1005 9201016c'), { int_arg: 5, label: 'l' })
  })

  it('preserve 64 bits', () => {
    const M = message('M', { a: optional(int64(1)) })
    for (const a of ['9223372036854775807', '-9223372036854775808', '9007199254740993', '0']) {
      assert.deepEqual(codecOf(M).decode(codecOf(M).encode({ a })), { a })
    }
    assert.deepEqual(codecOf(M).decode(codecOf(M).encode({ a: -3 })), { a: '-3' })
  })

  it('write numbers of fixed length', () => {
    const M = message('M', { a: fixed64(1), list: many(fixed64(2)), map: mapOf(fixed64(3)) })
    assert.equal(hex(M, { a: 1 }), '090100000000000000')
    assert.equal(hex(M, { a: 0, list: [] }), '')
    const full = { a: '18446744073709551615', list: ['0', '258'], map: { k: '9' } }
    assert.deepEqual(codecOf(M).decode(codecOf(M).encode(full)), full)
    assert.deepEqual(decode(M, '11 0201000000000000'), { list: ['258'] })
    assert.throws(() => decode(M, '09 01020304'), ProtobufError)
    assert.throws(() => hex(M, { a: '18446744073709551616' }), ProtobufError)
  })

  it('write floating-point numbers', () => {
    const M = message('M', { a: double(1), b: optional(double(2)), list: many(double(3)) })
    assert.equal(
      hex(M, { a: 1.5, b: 0, list: [-1] }),
      '09000000000000f83f1100000000000000001a08000000000000f0bf',
    )
    assert.equal(hex(M, { a: 0, list: [] }), '')
    assert.equal(hex(M, { b: Number.NaN }), hex(M, { b: 'NaN' }))
    const full = { b: -0, list: ['NaN', 'Infinity', '-Infinity', 5e-324] as const }
    const value = { ...full, list: [...full.list] }
    assert.deepEqual(codecOf(M).decode(codecOf(M).encode(value)), value)
    // The message is a part of a larger buffer.
    const padded = Buffer.from('ffff09000000000000f83f', 'hex').subarray(2)
    assert.deepEqual(codecOf(M).decode(padded), { a: 1.5 })
    assert.throws(() => decode(M, '09 01020304'), ProtobufError)
    for (const b of ['1', 'nan', ''] as never[]) assert.throws(() => hex(M, { b }), ProtobufError)
    assert.equal(checkMessage(M, { a: 1, b: 'NaN', list: ['-Infinity', -0.5] }), undefined)
    assert.equal(checkMessage(M, { a: '1' }), '.a: expected a number')
  })

  it('treat __proto__ in a map as a key', () => {
    const labels = JSON.parse('{"__proto__":"x","constructor":"y"}')
    const codec = codecOf(GetEventsResponse)
    const { node_labels } = codec.decode(codec.encode({ node_labels: labels }))
    assert.deepEqual(Object.entries(node_labels ?? {}), Object.entries(labels))
    assert.equal(({} as Record<string, unknown>).x, undefined)
  })

  it('support the well-known types', () => {
    const times = {
      '2024-05-06T07:08:09.5Z': '2024-05-06T07:08:09.500Z',
      '2024-05-06T07:08:09.000000001Z': '2024-05-06T07:08:09.000000001Z',
      '2024-05-06T09:08:09+02:00': '2024-05-06T07:08:09Z',
      '1960-01-01T00:00:00.25Z': '1960-01-01T00:00:00.250Z',
    }
    const codec = codecOf(GetEventsResponse)
    for (const [time, canonical] of Object.entries(times)) {
      assert.deepEqual(codec.decode(codec.encode({ time })), { time: canonical })
    }
    const requests = codecOf(GetEventsRequest)
    const request = {
      aggregation_options: { window_size: '1.5s' },
      field_filters: [{ fields: 'process.startTime,parent.pid' }],
    }
    assert.deepEqual(requests.decode(requests.encode(request)), {
      aggregation_options: { window_size: '1.500s' },
      field_filters: [{ fields: 'process.start_time,parent.pid' }],
    })
    const infos = codecOf(GetInfoResponse)
    const unknown = { conf: [{ key: 'k', value: { '@type': 'x.y/z', value: 'AQI=' } }] }
    assert.deepEqual(infos.decode(infos.encode(unknown)), unknown)
  })

  for (const [what, value] of Object.entries({
    'a time that is none': { time: 'yesterday' },
    'a month that is none': { time: '2024-13-01T00:00:00Z' },
    'a number that is too large': { test: { arg0: '18446744073709551616' } },
    'a number that is none': { test: { arg0: 'x' } },
    'a status that is negative': { process_exit: { status: -1 } },
  })) {
    it(`refuse ${what} and continue to work`, () => {
      const codec = codecOf(GetEventsResponse)
      assert.throws(() => codec.encode(value), { name: 'ProtobufError', code: 'invalid_value' })
      assert.equal(codec.encode({ node_name: 'n' }).toString('hex'), 'c23e016e')
    })
  }

  for (const [what, bytes] of Object.entries({
    'a cut number': '08ff',
    'a cut text': 'c23e05 61',
    'a length beyond everything': 'c23e ffffffffffffffffff01',
    'a number of eleven bytes': 'c83e ffffffffffffffffffff01',
    'a text that is not UTF-8': 'c23e02 ff61',
    'a field without number': '0001',
    'an unknown wire type': '0f',
    'a group without begin': '0c',
    'a group without end': '0b',
    'a time beyond the year 9999': 'ca3e07 08ffffffffff7f',
  })) {
    it(`refuse ${what}`, () => {
      assert.throws(() => decode(GetEventsResponse, bytes), {
        name: 'ProtobufError',
        code: 'invalid_protobuf',
      })
    })
  }

  it('refuse messages that are nested too deeply', () => {
    interface Deep extends MessageType {}
    const Deep: Deep = { kind: 'message', name: 'Deep', fields: {} }
    Object.assign(Deep, { fields: { inner: nested(1, Deep) } })
    let bytes = Buffer.alloc(0)
    const framed = (inner: Buffer) => {
      const head = Buffer.from([0x0a, (inner.length & 0x7f) | 0x80, inner.length >>> 7])
      return Buffer.concat([head, inner])
    }
    for (let i = 0; i < 2000; i++) bytes = framed(bytes)
    assert.throws(() => codecOf(Deep).decode(bytes), { code: 'invalid_protobuf' })
  })
})
