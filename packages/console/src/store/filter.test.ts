import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { subjectOf } from '../testing/subject.ts'
import { compileFilter, type IsBelow, termOf } from './filter.ts'

const subject = subjectOf('process default/xwing /usr/bin/curl -s https://Example.com', {
  fields: { kind: 'process_exec', pod: 'default/xwing', binary: '/usr/bin/curl', pid: '12' },
})
const matches = (text: string) => compileFilter(text)(subject)

test('all words must be there, in any order and case', () => {
  for (const text of ['', 'CURL xwing', '"curl -s"', '"curl', 'https://EXAMPLE', '-', 'pod:']) {
    assert.ok(matches(text), text)
  }
  for (const text of ['curl tiefighter', '"-s curl"', '-curl', '-"curl -s"', 'xwing -https://']) {
    assert.ok(!matches(text), text)
  }
})

test('options of programs are words', () => {
  const option = subjectOf('curl --silent')
  assert.ok(compileFilter('--silent')(option))
  assert.ok(!compileFilter('--silent')(subject))
  assert.ok(!compileFilter('-"--silent"')(option))
})

test('terms with a name are about a field', () => {
  for (const text of ['pod:xwing', 'kind:exec', 'binary:/usr/bin/*', 'pod:*/xwing', '-policy:x']) {
    assert.ok(matches(text), text)
  }
  for (const text of ['pod:curl', 'kind:exit', 'binary:/usr/*/sh', 'policy:x', '-pod:xwing']) {
    assert.ok(!matches(text), text)
  }
  assert.ok(matches('binary:*bin*url'))
  assert.ok(!matches('binary:curl*'))
})

test('a term of a value finds it', () => {
  const values = fc.string({ minLength: 1 }).filter((text) => text.trim() !== '' && text !== '"')
  fc.assert(
    fc.property(values, (value) => {
      const one = subjectOf('', { fields: { binary: value } })
      assert.ok(compileFilter(termOf('binary', value))(one))
      assert.ok(!compileFilter(termOf('binary', value, false))(one))
      const longer = subjectOf('', { fields: { binary: `${value}1` } })
      // Stars stand for quotes, which a filter cannot contain.
      if (!value.includes('"')) assert.ok(!compileFilter(termOf('binary', value))(longer))
    }),
    { examples: [['=" ']] },
  )
})

test('a tree is a process with everything below it', () => {
  const line = [
    { execId: 'Root', pid: 1 },
    { execId: 'Shell', pid: 120 },
    { execId: 'Curl', pid: 12 },
  ]
  const isBelow: IsBelow = (execId, test) =>
    line.slice(0, line.findIndex((each) => each.execId === execId) + 1).some(test)
  const isIn = (text: string, exec: string) =>
    compileFilter(text, undefined, isBelow)(subjectOf('', { fields: { exec } }))
  for (const text of ['tree:=Shell', 'tree:shell', 'tree:120', '-tree:=Other']) {
    assert.deepEqual([isIn(text, 'Curl'), isIn(text, 'Shell')], [true, true], text)
  }
  for (const text of ['tree:=Curl', 'tree:12', 'tree:=She', '-tree:=Shell', '-tree:1']) {
    assert.ok(!isIn(text, 'Shell'), text)
  }
  assert.ok(!isIn('tree:=Root', 'unknown'))
  assert.ok(isIn('tree:', 'unknown'))
})
