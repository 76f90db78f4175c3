import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { GetEventsResponse } from '../events/event-table.ts'
import type { MessageType } from '../message.ts'
import { KprobeArgument } from '../messages/kprobe-argument.ts'
import { Process } from '../messages/process.ts'
import { arbitraryMessage } from '../testing/arbitrary-message.ts'
import { agentFiles } from '../testing/index.ts'
import { codecOf } from './codec.ts'
import type { PreencodedObjects } from './json-text.ts'
import { ProtobufError } from './protobuf-error.ts'
import { Transcoder } from './transcoder.ts'
import { WireBuffer } from './wire-buffer.ts'

const messages = agentFiles
  .flatMap(({ types }) => types)
  .filter((type): type is MessageType => type.kind === 'message')

function transcode(type: MessageType, json: string, known?: PreencodedObjects): Buffer {
  const out = new WireBuffer()
  const bytes = Buffer.from(json)
  const end = new Transcoder(type).append(out, bytes, 0, known)
  assert.equal(end, bytes.length)
  return out.bytes.subarray(0, out.length)
}

describe('the transcoder', () => {
  it('agrees with the codec for every message', () => {
    const any = fc.constantFrom(...messages).chain((type) => {
      return fc.tuple(fc.constant(type), arbitraryMessage(type))
    })
    fc.assert(
      fc.property(any, ([type, value]) => {
        const codec = codecOf(type)
        const bytes = transcode(type, JSON.stringify(value))
        assert.deepEqual(codec.decode(bytes), codec.decode(codec.encode(value)))
      }),
      { numRuns: 500 },
    )
  })

  it('understands every escape', () => {
    const text = String.raw`"\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00\ud83dx\udc00"`
    const bytes = transcode(KprobeArgument, `{"string_arg":${text}}`)
    const { string_arg } = codecOf(KprobeArgument).decode(bytes)
    assert.equal(string_arg, '"\\/\b\f\n\r\tAé€😀\ufffdx\ufffd')
  })

  it('omits unknown fields, null and defaults', () => {
    const json = `{"new":{"a":[1,"]}"]},"pid":null,"flags":"","refcnt":0,"tid":0,"binary":"/b"}`
    assert.deepEqual(codecOf(Process).decode(transcode(Process, json)), { tid: 0, binary: '/b' })
  })

  it('copies encoded objects up to a member', () => {
    const json =
      '{"process_exit":{"process":{"pid":7,"refcnt":1},"parent":{"pid":8}},"node_name":"n"}'
    const at = json.indexOf('{"pid":7')
    const known: PreencodedObjects = {
      isAt: (offset) => offset === at,
      wire: codecOf(Process).encode({ binary: '/known' }).toString('latin1'),
      next: json.indexOf(',"refcnt"'),
    }
    const event = codecOf(GetEventsResponse).decode(transcode(GetEventsResponse, json, known))
    assert.deepEqual(event, {
      process_exit: { process: { binary: '/known', refcnt: 1 }, parent: { pid: 8 } },
      node_name: 'n',
    })
  })

  it('copies encoded maps', () => {
    const json = '{"node_name":"n","node_labels":{"a":"b"},"time":"2026-01-02T03:04:05Z"}'
    const [at, next] = [json.indexOf('{"a"'), json.indexOf(',"time"')]
    const wire = codecOf(GetEventsResponse).encode({ node_labels: { zone: 'c' } })
    const known = { isAt: (offset: number) => offset === at, wire: wire.toString('latin1'), next }
    const { node_labels, time } = codecOf(GetEventsResponse).decode(
      transcode(GetEventsResponse, json, known),
    )
    assert.deepEqual([node_labels, time], [{ zone: 'c' }, '2026-01-02T03:04:05Z'])
  })

  it('refuses values of other types where only the codec knows the field', () => {
    const transcoder = new Transcoder(GetEventsResponse)
    const wireOf = (json: string) => {
      const out = new WireBuffer()
      transcoder.append(out, Buffer.from(json), 0)
      return out.bytes.subarray(0, out.length)
    }
    for (const value of ['0', 'null', 'true', '{}', '["a"]', '{"length":1}', '1e400']) {
      for (const labels of [`{"a":${value}}`, `{"a":"b","c":${value}}`]) {
        assert.throws(() => wireOf(`{"node_labels":${labels}}`), ProtobufError, labels)
      }
      // The output of the refused text is gone.
      const { node_labels } = codecOf(GetEventsResponse).decode(wireOf('{"node_labels":{"a":"b"}}'))
      assert.deepEqual(node_labels, { a: 'b' })
    }
  })

  it('throws only its own error for any text, and continues', () => {
    const transcoder = new Transcoder(GetEventsResponse)
    const good = Buffer.from('{"node_name":"n"}')
    const damaged = arbitraryMessage(GetEventsResponse).chain((value) => {
      const json = JSON.stringify(value)
      return fc
        .tuple(fc.nat(json.length), fc.string({ maxLength: 3 }), fc.nat(3))
        .map(([at, insert, cut]) => json.slice(0, at) + insert + json.slice(at + cut))
    })
    fc.assert(
      fc.property(fc.oneof(fc.string(), damaged), (json) => {
        const out = new WireBuffer()
        try {
          transcoder.append(out, Buffer.from(json), 0)
        } catch (error) {
          if (!(error instanceof ProtobufError)) throw error
        }
        out.length = 0
        transcoder.append(out, good, 0)
        assert.equal(out.bytes.subarray(0, out.length).toString('latin1'), '\xc2>\x01n')
      }),
      { numRuns: 1000 },
    )
  })
})
