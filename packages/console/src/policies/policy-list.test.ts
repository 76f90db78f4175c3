import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actionCounts, isInTrouble, listPolicies, modeText, stateText } from './policy-list.ts'

const enabled = { state: 'TP_STATE_ENABLED', mode: 'TP_MODE_ENFORCE' } as const

test('policies of all nodes are listed once, by name', () => {
  const { policies, missing } = listPolicies([
    {
      node: 'a',
      response: {
        policies: [
          { name: 'z', ...enabled },
          { name: 'b', ...enabled },
        ],
      },
    },
    { node: 'b', failure: 'it does not answer' },
    { node: 'c', response: { policies: [{ name: 'z', namespace: 'x' }, { name: 'z' }] } },
    { node: 'd', response: {} },
  ])
  assert.deepEqual(
    policies.map(({ name, namespace, nodes }) => [name, namespace, nodes.map(({ node }) => node)]),
    [
      ['b', '', ['a']],
      ['z', '', ['a', 'c']],
      ['z', 'x', ['c']],
    ],
  )
  assert.deepEqual(missing, [{ node: 'b', reason: 'it does not answer' }])
})

test('counts of all nodes are added up', () => {
  const counters = (action_counters: object) => {
    return { node: '', status: { stats: { action_counters } } }
  }
  const counts = actionCounts([
    counters({ post: '9007199254740993', override: '0' }),
    counters({ post: '1', signal: '2' }),
    { node: '', status: {} },
  ])
  assert.deepEqual(counts, { post: 9007199254740994n, signal: 2n })
})

test('states and modes are words', () => {
  assert.equal(stateText({ state: 'TP_STATE_PARTIALLY_ENABLED' }), 'partially enabled')
  assert.equal(stateText({}), 'unknown')
  assert.equal(modeText(enabled), 'enforce')
  assert.ok(isInTrouble({ state: 'TP_STATE_LOAD_ERROR' }))
  assert.ok(isInTrouble({ ...enabled, error: 'no such function' }))
  assert.ok(!isInTrouble(enabled))
})
