import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Agents } from '../connection/agents.ts'
import { answersOf } from './calls.ts'

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
