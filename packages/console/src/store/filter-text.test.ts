import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { subjectOf } from '../testing/subject.ts'
import { compileFilter } from './filter.ts'
import { addTerm, splitFilter, unknownFields } from './filter-text.ts'

test('the expression is what comes after cel:', () => {
  const expressions: Readonly<Record<string, string>> = {
    'cel:true': 'true',
    'pod:xwing CEL:  a == "cel: b" ': 'a == "cel: b"',
    'curl cel:': '',
    'curl "cel: x" -y': '',
    'excel:x': '',
    'a cel:b cel:c': 'b cel:c',
  }
  for (const [text, expected] of Object.entries(expressions)) {
    const { expression, expressionStart: start } = splitFilter(text)
    assert.equal(expression, expected, text)
    assert.equal(text.slice(start, start + expected.length), expected)
  }
})

test('the parts of a filter are all of it', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const text = `${before} cel:${after}`
      const { terms, expression, expressionStart } = splitFilter(text)
      assert.ok(text.startsWith(terms))
      assert.ok(text.slice(expressionStart).startsWith(expression))
      assert.equal(text.slice(expressionStart + expression.length).trim(), '')
    }),
  )
})

test('a term is added in front of the expression', () => {
  assert.equal(addTerm('', 'pid:1'), 'pid:1')
  assert.equal(addTerm('curl ', 'pid:1'), 'curl pid:1')
  assert.equal(addTerm('curl cel: true', 'pid:1'), 'curl pid:1 cel: true')
  assert.equal(addTerm('cel: true', 'pid:1'), 'pid:1 cel: true')
})

test('expressions are no words', () => {
  assert.ok(compileFilter('curl cel: nothing')(subjectOf('curl')))
  assert.ok(!compileFilter('curl cel: nothing', () => false)(subjectOf('curl')))
  assert.ok(!compileFilter('"cel: curl"')(subjectOf('curl')))
})

test('unknown fields are named, with a similar one', () => {
  const [problem] = unknownFields('curl -pdo:xwing')
  assert.deepEqual([problem.start, problem.end], [6, 9])
  assert.match(problem.message, /unknown field "pdo".*did you mean "pod"\?/)
  assert.match(unknownFields('workload:x')[0].message, /fields are kind, binary, user, pod/)
  for (const text of [
    'pod:x',
    'POD:x',
    'https://x',
    'localhost:80',
    '"pdo:x"',
    'cel: pdo:x',
    'a',
  ]) {
    assert.deepEqual(unknownFields(text), [], text)
  }
})
