import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import { eventClass } from '@tetragon-ts/outputs/queue'
import { framed } from '../../../reader/outputs/framing.ts'
import { OwnEvents } from './own-events.ts'
import { StreamedEvent } from './streamed-event.ts'

const codec = codecOf(GetEventsResponse)
const boot_id = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
const process = { pid: 7, binary: '/usr/bin/tetra' }
const send = { process, policy_name: 'connect', action: 'KPROBE_ACTION_POST' } as const

function has(pid: number, response: GetEventsResponse): boolean | undefined {
  const bytes = framed(codec.encode(response))
  const event = new StreamedEvent(bytes, 0, bytes.length, eventClass.hook)
  return OwnEvents.of({ pid, boot_id })?.has(event)
}

test('events of hooks that observe the receiver are its own', () => {
  assert.equal(has(7, { process_kprobe: send }), true)
  assert.equal(has(7, { process_lsm: send }), true)
  assert.equal(has(7, { process_tracepoint: { process, policy_name: 'x' } }), true)
})

test('events of other processes are not, whatever their name and parent are', () => {
  assert.equal(has(8, { process_kprobe: send }), false)
  const child = { ...send, process: { ...process, pid: 9 }, parent: process }
  assert.equal(has(7, { process_kprobe: child }), false)
})

test('enforcement and findings are never left out', () => {
  const action = 'KPROBE_ACTION_SIGKILL'
  assert.equal(has(7, { process_kprobe: { ...send, action } }), false)
  const enforcement = [{ action }]
  assert.equal(has(7, { process_lsm: { ...send, enforcement } }), false)
  assert.equal(has(7, { process_kprobe: send, findings: [{ title: 'x' }] }), false)
})

test('its start and end are reported', () => {
  assert.equal(has(7, { process_exec: { process } }), false)
  assert.equal(has(7, { process_exit: { process } }), false)
})

test('a receiver of another kernel, or without a pid, has no events here', () => {
  const others = [undefined, {}, { pid: 7 }, { boot_id }, { pid: 0, boot_id }]
  for (const receiver of [...others, { pid: 7, boot_id: '' }, { pid: 7, boot_id: 'other' }]) {
    assert.equal(OwnEvents.of(receiver), undefined)
  }
})
