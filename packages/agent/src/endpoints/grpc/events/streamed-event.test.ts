import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { codecOf, eventKinds, eventOf, Finding, GetEventsResponse, Process } from '@tetragon-ts/api'
import { arbitraryMessage } from '@tetragon-ts/api/testing'
import { eventClass } from '@tetragon-ts/outputs/queue'
import { type FilterSubject, filterSubject } from '@tetragon-ts/policy/filters'
import fc from 'fast-check'
import { framed, framePrefix } from '../../../reader/outputs/framing.ts'
import { StreamedEvent } from './streamed-event.ts'

const codec = codecOf(GetEventsResponse)

/** An event of each kind, between two others. */
const event = fc
  .constantFrom(...eventKinds)
  .chain(({ key, message }) =>
    fc.record({
      node_name: fc.string(),
      [key]: arbitraryMessage(message),
      findings: fc.array(arbitraryMessage(Finding), { maxLength: 2 }),
    }),
  )

function streamed(response: object): StreamedEvent {
  const around = framed(codec.encode({ node_name: 'other' }))
  const frame = framed(codec.encode(response))
  const bytes = Buffer.concat([around, frame, around])
  return new StreamedEvent(bytes, around.length, around.length + frame.length, eventClass.hook)
}

/** All fields that a filter can test. */
function plain(subject: FilterSubject) {
  const { key, process, parent, ancestors, policyName, findings, response } = subject
  const [all, above] = [process, parent].map(allFields)
  return {
    ...{ key, process: all, parent: above, ancestors: ancestors?.map(allFields) },
    ...{ policyName, findings, response },
  }
}

/** The fields of a process that may be decoded lazily. */
function allFields(process: Process | undefined) {
  const names = Object.keys(Process.fields) as (keyof Process)[]
  return process && names.map((name) => [name, process[name]])
}

describe('a streamed event', () => {
  it('has the content of its message for filters and clients', () => {
    fc.assert(
      fc.property(event, (response) => {
        const one = streamed(response)
        const parsed = eventOf(codec.decode(codec.encode(response)))
        assert.ok(parsed.ok)
        assert.equal(one.subject.key, parsed.event.key)
        assert.deepEqual(plain(one.subject), plain(filterSubject(parsed.event)))
        assert.deepEqual(one.event, parsed.event)
        assert.deepEqual(one.copy.subarray(framePrefix), codec.encode(response))
      }),
      { numRuns: 200 },
    )
  })

  it('is not decoded for its kind, processes and policy', () => {
    const process = { exec_id: 'a', binary: '/bin/a' }
    const parent = { exec_id: 'b', binary: '/bin/b' }
    const hook = { process, parent, policy_name: 'p', function_name: 'f', message: 'text' }
    const frame = framed(codec.encode({ process_kprobe: hook }))
    // The text is now invalid UTF-8.
    frame[frame.indexOf('text')] = 0xff
    const { subject } = new StreamedEvent(frame, 0, frame.length, eventClass.hook)
    assert.equal(subject.key, 'process_kprobe')
    assert.equal(subject.process?.binary, '/bin/a')
    assert.equal(subject.parent?.binary, '/bin/b')
    assert.equal(subject.policyName, 'p')
    assert.equal(subject.findings, undefined)
    assert.throws(() => subject.response, { name: 'ProtobufError' })
  })

  it('returns its content without time and process counters', () => {
    const kprobe = (refcnt: number, time: string, function_name: string) =>
      streamed({ process_kprobe: { process: { exec_id: 'a', refcnt }, function_name }, time })
    const [first, later, other] = [
      kprobe(1, '2024-05-06T07:08:09Z', 'f'),
      kprobe(2, '2024-05-06T07:08:10Z', 'f'),
      kprobe(1, '2024-05-06T07:08:09Z', 'g'),
    ].map(({ statement }) => statement)
    assert.equal(first, later)
    assert.notEqual(first, other)
    assert.equal(streamed({ process_exec: {} }).statement, undefined)
  })
})
