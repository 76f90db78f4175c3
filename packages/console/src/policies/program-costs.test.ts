import assert from 'node:assert/strict'
import { test } from 'node:test'
import { programCosts } from './program-costs.ts'

test('the cost of a run is that between two answers', () => {
  const program = (id: number, policy: string, run_count: string, run_time_ns: string) => {
    return { id, name: `p${id}`, policy, run_count, run_time_ns }
  }
  const answer = (node: string, ...programs: ReturnType<typeof program>[]) => {
    return { node, response: { elapsed: '2.0s', programs } }
  }
  const costs = programCosts([
    [answer('a', program(1, 'x', '10', '1000'), program(2, '', '1', '1'))],
    [
      answer(
        'a',
        program(1, 'x', '30', '5000'),
        program(2, '', '9', '9'),
        program(3, 'y', '0', '0'),
      ),
      answer('b', program(1, 'x', '1', '1')),
      { node: 'c', failure: 'it does not answer' },
    ],
  ])
  assert.deepEqual(costs, [
    { node: 'a', policy: 'x', name: 'p1', rate: 10, perRun: 200 },
    { node: 'a', policy: 'y', name: 'p3', rate: 0, perRun: undefined },
  ])
  assert.deepEqual(programCosts([]), [])
})
