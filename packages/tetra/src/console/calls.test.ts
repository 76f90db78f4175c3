import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Agents } from '../connection/agents.ts'
import { answersOf, refusalOfCall } from './calls.ts'

test('a call asks the agent of one node, or all', async () => {
  const asked: unknown[] = []
  const agents: Pick<Agents, 'call'> = {
    async call(...args) {
      asked.push(args)
      return []
    },
  }
  await answersOf(agents, 'GetPolicyPrograms', { name: 'p' }, 'one')
  await answersOf(agents, 'GetPolicies', {})
  assert.deepEqual(asked, [
    ['GetPolicyPrograms', { name: 'p' }, 'one'],
    ['GetPolicies', {}, undefined],
  ])
})

test('one call does not ask all nodes for descriptions of kernels', () => {
  const file = { with_description: true }
  const cluster = { hasNodes: true }
  for (const node of [undefined, '']) {
    assert.match(refusalOfCall('GetKernel', file, node, cluster) ?? '', /name the node/)
    assert.equal(refusalOfCall('GetKernel', file, node, { hasNodes: false }), undefined)
    assert.equal(refusalOfCall('GetKernel', {}, node, cluster), undefined)
  }
  assert.equal(refusalOfCall('GetKernel', file, 'one', cluster), undefined)
})
