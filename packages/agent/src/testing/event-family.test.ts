import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compactPrinter, type Event, parseEvent } from '@tetragon-ts/api'
import { EventFamily } from './event-family.ts'

const start = '2026-01-01T00:00:00Z'

function event(key: string, process: object, body: object = {}): Event {
  const line = JSON.stringify({ [key]: { process, ...body }, node_name: 'node', time: start })
  const parsed = parseEvent(line)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.event
}

const hit = { parent: {}, function_name: 'f', action: 'KPROBE_ACTION_POST', policy_name: 'p' }

function hook(process: object): Event {
  return event('process_kprobe', process, { ...hit, return_action: 'KPROBE_ACTION_POST' })
}

describe('the events of a process', () => {
  const root = { exec_id: 'a', pid: 7, start_time: start }
  const child = { exec_id: 'b', pid: 8, parent_exec_id: 'a', start_time: start }
  const unknown = { flags: 'unknown', start_time: start }

  it('are those of it and its descendants, until it ends', () => {
    const family = new EventFamily(7, compactPrinter())
    const other = { exec_id: 'c', pid: 9, parent_exec_id: 'z', start_time: start }
    const taken = [event('process_exec', root), hook(root), hook(other), hook(child)].map((each) =>
      family.take(each),
    )
    assert.deepEqual(
      taken.map((each) => each?.body.process?.exec_id),
      [undefined, 'a', undefined, 'b'],
    )
    assert.equal(family.isOver, false)
    family.take(event('process_exit', child))
    assert.equal(family.isOver, false)
    family.take(event('process_exit', root))
    assert.equal(family.isOver, true)
    assert.equal(family.take(hook(root)), undefined)
  })

  it('do not include incomplete events of other processes', () => {
    const family = new EventFamily(7, compactPrinter())
    assert.equal(family.take(hook({ ...unknown, pid: 9 })), undefined)
    assert.throws(() => family.take(hook({ ...unknown, pid: 7 })), /incomplete event/)
    // It does not make other unknown processes part of the family.
    assert.equal(family.take(hook({ ...unknown, pid: 9 })), undefined)
  })
})
