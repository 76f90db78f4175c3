import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseEvent } from '@tetragon-ts/api'
import { NodeCounts } from './node-counts.ts'

function event(body: object, node: string) {
  const parsed = parseEvent(JSON.stringify({ ...body, node_name: node }))
  assert.ok(parsed.ok)
  return parsed.event
}

test('events are counted by node, and those that the agent dropped', () => {
  const counts = new NodeCounts(2)
  counts.see(event({ process_exec: { process: { pid: 1 } } }, 'a'))
  counts.see(event({ process_exit: { process: { pid: 1 } } }, 'a'))
  counts.see(event({ rate_limit_info: { number_of_dropped_process_events: 7 } }, 'b'))
  counts.see(event({ process_exec: {} }, 'c'))
  counts.see(undefined)
  assert.deepEqual(counts.summary, {
    nodes: [
      { node: 'a', events: 2, lost: 0 },
      { node: 'b', events: 0, lost: 7 },
    ],
    undecoded: 1,
  })
})
