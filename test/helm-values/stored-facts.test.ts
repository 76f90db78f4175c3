import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { image } from './reference.ts'
import { disagreements } from './stored-facts.ts'

const table = {
  'agent.image.tag': image,
  'agent.port': 1,
  'agent.security': { drop: ['ALL'], user: 5 },
  tolerations: [{ operator: 'Exists' }],
}
const facts = [
  'agent.image {"tag":"v1"}',
  'agent.port 1',
  'agent.security {"drop":["ALL"],"user":5}',
  'tolerations[0].operator "Exists"',
]

/** Lines that replace others, and the disagreement that they are. */
const mistakes: readonly (readonly [line: number, text: string, problem: string])[] = [
  [1, 'agent.port 2', 'agent.port: 1 and 2'],
  [
    1,
    'agent.prot 1',
    'tetragon-values.txt: agent.port is missing; reference.ts: agent.prot is missing',
  ],
  [1, 'agent.port 1\nagent.port 3', 'tetragon-values.txt: agent.port: differs'],
  [2, 'agent.security {"drop":["ALL"]}', 'tetragon-values.txt: agent.security.user is missing'],
  [2, 'agent.security {"drop":["NONE"],"user":5}', 'agent.security.drop: ["ALL"] and ["NONE"]'],
  [3, 'tolerations[0].operator "Equal"', 'tolerations.0.operator: "Exists" and "Equal"'],
  [3, 'tolerations []', 'tolerations: [{"operator":"Exists"}] and []'],
]

describe('the table of Tetragon’s values', () => {
  it('agrees with the second source', () => {
    assert.deepEqual(disagreements(), [])
  })

  it('agrees with groups, values and parts of them', () => {
    assert.deepEqual(disagreements(table, facts.join('\n')), [])
  })

  for (const [line, text, problem] of mistakes) {
    it(`differs from ${text.replaceAll('\n', ' and ')}`, () => {
      assert.equal(disagreements(table, facts.with(line, text).join('\n')).join('; '), problem)
    })
  }
})
