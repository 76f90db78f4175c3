import assert from 'node:assert/strict'
import { test } from 'node:test'

// Modules of the page read its address.
Object.assign(globalThis, { location: { pathname: '/', search: '' }, addEventListener() {} })
const { countOf } = await import('./policy-events.ts')

test('the events of a policy are summed up by action, the most frequent first', () => {
  const byAction = new Map([
    ['', 2],
    ['Post', 1],
    ['Override done', 5],
  ])
  const actions = [
    ['Override done', 5],
    ['Post', 1],
  ]
  assert.deepEqual(countOf(byAction), { events: 8, actions })
  assert.deepEqual(countOf(undefined), { events: 0, actions: [] })
})
