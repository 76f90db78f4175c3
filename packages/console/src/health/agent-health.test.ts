import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GetHealthStatusResponse } from '@tetragon-ts/api'
import { agentsOf, type HealthAnswers } from './agent-health.ts'
import { AgentHistory } from './agent-history.ts'

const running: GetHealthStatusResponse = {
  health_status: [{ status: 'HEALTH_STATUS_RUNNING', details: 'running' }],
}

const nothing: HealthAnswers = { health: [], version: [], policies: [], losses: [], maps: [] }

test('an agent reports its version, its losses and its memory', () => {
  const [agent] = agentsOf({
    health: [{ node: 'a', response: running }],
    version: [{ node: 'a', response: { version: 'v1' } }],
    policies: [
      {
        node: 'a',
        response: { policies: [{ name: 'p', kernel_memory_bytes: '2048' }, { name: 'q' }] },
      },
    ],
    losses: [{ node: 'a', response: { losses: { hook: '3' } } }],
    maps: [
      {
        node: 'a',
        response: {
          maps: [
            { name: 'm', memory_bytes: '1' },
            { name: 'n', memory_bytes: '2' },
          ],
        },
      },
    ],
  })
  assert.ok(agent.missing === undefined)
  assert.deepEqual(agent, {
    node: 'a',
    health: 'running',
    isHealthy: true,
    version: 'v1',
    losses: { hook: 3n },
    policies: [
      { name: 'p', bytes: 2048 },
      { name: 'q', bytes: 0 },
    ],
    maps: [
      { name: 'n', bytes: 2 },
      { name: 'm', bytes: 1 },
    ],
    work: undefined,
    unreported: [],
  })
})

test('what an agent of the original does not report is named with the reason', () => {
  const failure = 'it has no service tetragonts.Inspect'
  const [agent] = agentsOf({
    ...nothing,
    health: [{ node: 'a', response: running }],
    version: [{ node: 'a', response: { version: 'v1' } }],
    policies: [{ node: 'a', response: {} }],
    losses: [{ node: 'a', failure }],
  })
  assert.ok(agent.missing === undefined)
  assert.deepEqual([agent.losses, agent.maps, agent.policies], [undefined, undefined, []])
  assert.deepEqual(agent.unreported, [
    { name: 'losses', reason: failure },
    { name: 'maps', reason: 'it has not answered' },
  ])
})

test('an agent is missing if it answers no call', () => {
  const failure = 'unknown method'
  const health = [
    { node: 'a', failure },
    { node: 'b', failure: 'refused' },
  ]
  const agents = agentsOf({ ...nothing, health, version: [{ node: 'a', response: {} }] })
  assert.deepEqual(
    agents.map(({ missing }) => missing),
    [undefined, 'refused'],
  )
})

test('an agent that ends stays in the list, and its return is seen', () => {
  const history = new AgentHistory()
  const there = agentsOf({
    ...nothing,
    health: [
      { node: 'a', response: running },
      { node: 'b', response: running },
    ],
  })
  const away = agentsOf({
    ...nothing,
    health: [
      { node: 'a', response: running },
      { node: 'b', failure: 'refused' },
    ],
  })
  const look = (agents: typeof there, now: number) =>
    history
      .update(agents, now)
      .map(({ agent: { node, missing }, changedAt }) => [node, missing, changedAt])
  assert.deepEqual(look(there, 1), [
    ['a', undefined, undefined],
    ['b', undefined, undefined],
  ])
  const missing = ['b', 'refused', 2]
  assert.deepEqual(look(away, 2), [missing, ['a', undefined, undefined]])
  assert.deepEqual(look(away, 3)[0], missing)
  assert.deepEqual(look(there, 4)[1], ['b', undefined, 4])
  assert.deepEqual(look([there[1]], 5)[0], ['a', 'its agent is not in the cluster', 5])
})

test('an agent that is not well comes before others', () => {
  const stopped: GetHealthStatusResponse = {
    health_status: [{ status: 'HEALTH_STATUS_ERROR', details: 'bad' }],
  }
  const agents = agentsOf({
    ...nothing,
    health: [
      { node: 'a', response: running },
      { node: 'b', response: stopped },
    ],
  })
  assert.deepEqual(
    new AgentHistory().update(agents, 0).map(({ agent }) => agent.node),
    ['b', 'a'],
  )
})
