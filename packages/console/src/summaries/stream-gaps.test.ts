import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseEvent } from '@tetragon-ts/api'
import { StreamGaps } from './stream-gaps.ts'

function event(body: object, node: string) {
  const parsed = parseEvent(JSON.stringify({ ...body, node_name: node }))
  assert.ok(parsed.ok)
  return parsed.event
}
const start = (node: string) => event({ process_exec: { process: { pid: 1 } } }, node)
const notice = (node: string, lost: number) =>
  event({ rate_limit_info: { number_of_dropped_process_events: lost } }, node)

test('a gap reaches from the last event of its node to the notice', () => {
  const gaps = new StreamGaps(2)
  gaps.see(start('a'), 1000)
  gaps.see(start('b'), 1500)
  gaps.see(notice('a', 7), 2000)
  gaps.see(notice('a', 0), 2500)
  gaps.see(start('c'), 2600)
  gaps.see(notice('c', 3), 9000)
  const gap = { hidesProcesses: true }
  assert.deepEqual(gaps.all, [
    { from: 1000, to: 2001, node: 'a', lost: 7, ...gap },
    { from: 9000, to: 9001, node: 'c', lost: 3, ...gap },
  ])
})

test('an event that cannot be decoded is missing at its time', () => {
  const gaps = new StreamGaps(1)
  gaps.see(undefined, 5)
  assert.deepEqual(gaps.all, [{ from: 5, to: 6, node: undefined, lost: 1, hidesProcesses: true }])
})
