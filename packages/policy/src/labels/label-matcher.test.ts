import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { LabelExpression, LabelSelector } from '../model/index.ts'
import { type Labels, labelMatcher, repositoryOf } from './label-matcher.ts'

type Selector = Pick<LabelSelector, 'matchLabels' | 'matchExpressions'>

/** The property names are legal label keys; `__proto__` is not, but policies may contain it. */
const key = fc.constantFrom('app', 'k8s.io/zone', 'constructor', 'toString', '__proto__')
const value = fc.constantFrom('', 'a', 'b', 'true')
const labels = fc.dictionary(key, value, { noNullPrototype: false })
const operator = fc.constantFrom(...(['In', 'NotIn', 'Exists', 'DoesNotExist'] as const))
const expression = fc.record<LabelExpression>({
  key,
  operator,
  values: fc.array(value, { maxLength: 3 }),
})
const selector = fc.record<Selector>({
  matchLabels: labels,
  matchExpressions: fc.array(expression, { maxLength: 4 }),
})

/** The documentation of Kubernetes, word by word, on a list of pairs. */
function isMatch({ matchLabels, matchExpressions }: Selector, labels: Labels): boolean {
  const pairs = Object.entries(labels)
  const has = (key: string, value: string) => pairs.some(([k, v]) => k === key && v === value)
  const exists = (key: string) => pairs.some(([k]) => k === key)
  for (const [key, value] of Object.entries(matchLabels)) if (!has(key, value)) return false
  for (const { key, operator, values } of matchExpressions) {
    if (operator === 'Exists' && !exists(key)) return false
    if (operator === 'DoesNotExist' && exists(key)) return false
    const isIn = values.some((value) => has(key, value))
    if (operator === 'In' && !isIn) return false
    if (operator === 'NotIn' && isIn) return false
  }
  return true
}

describe('a label selector', () => {
  it('matches the labels that Kubernetes would match', () => {
    fc.assert(
      fc.property(selector, labels, (selector, labels) => {
        assert.equal(labelMatcher(selector)(labels), isMatch(selector, labels))
      }),
    )
  })

  it('without conditions matches everything', () => {
    const all = labelMatcher({ matchLabels: {}, matchExpressions: [] })
    fc.assert(fc.property(labels, (labels) => all(labels)))
  })

  it('requires that a label exists for In, and not for NotIn', () => {
    const on = (operator: LabelExpression['operator'], values: string[], labels: Labels) =>
      labelMatcher({ matchLabels: {}, matchExpressions: [{ key: 'zone', operator, values }] })(
        labels,
      )
    const nodes: Labels[] = [{}, { zone: 'a' }, { zone: 'b' }, { zone: '' }]
    assert.deepEqual(
      nodes.map((labels) => [
        ...[on('In', ['a'], labels), on('NotIn', ['a'], labels)],
        ...[on('Exists', [], labels), on('DoesNotExist', [], labels)],
      ]),
      [
        [false, true, false, true],
        [true, false, true, false],
        [false, true, true, false],
        [false, true, true, false],
      ],
    )
  })
})

it('the repository of an image has no tag and no digest', () => {
  assert.deepEqual(
    ['busybox', 'docker.io/library/busybox:1.36', 'r:5000/a', 'r:5000/a:1', 'a@sha256:1'].map(
      repositoryOf,
    ),
    ['busybox', 'docker.io/library/busybox', 'r:5000/a', 'r:5000/a', 'a'],
  )
})
