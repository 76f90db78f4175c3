import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import { subjectOf } from '../testing/subject.ts'
import { compileExpression } from './compile-expression.ts'

const bytes = codecOf(GetEventsResponse).encode({
  process_exec: { process: { binary: '/usr/bin/curl', uid: 7 } },
})
const event = subjectOf('', { bytes })

async function matches(text: string): Promise<boolean | undefined> {
  return (await compileExpression(text)).match?.(event)
}

async function problem(text: string): Promise<[wrong: string, message: string]> {
  const found = (await compileExpression(text)).problem
  assert.ok(found, text)
  return [text.slice(found.start, found.end), found.message]
}

test('an expression is about the whole event', async () => {
  assert.equal(await matches('cel: process_exec.process.uid == 7u'), true)
  assert.equal(await matches('x cel:process_exec.process.binary.matches("curl$")'), true)
  assert.equal(await matches('cel: process_exec.process.uid == 8u'), false)
  assert.equal(await matches('only words'), true)
})

test('what cannot be decoded does not match', async () => {
  const { match } = await compileExpression('cel: true')
  assert.equal(match?.(subjectOf('')), false)
  assert.equal(match?.(subjectOf('', { bytes: new Uint8Array([255]) })), false)
})

test('errors are at their position in the filter', async () => {
  const [field, message] = await problem('curl cel: process_exec.proces.uid == 0u')
  assert.equal(field, 'proces')
  assert.match(message, /^compile CEL expression: No such key: proces at character 14$/)
  assert.equal((await problem('cel: true && '))[0], '')
  assert.match((await problem('cel: "a".matches("(")'))[0], /^"\("$/)
  assert.equal((await problem('cel: 1 + 1'))[0], '1 + 1')
})

test('the limits of filters apply', async () => {
  const pattern = `cel: "a".matches("${'(a{1000})'.repeat(40)}")`
  assert.match((await problem(pattern))[1], /compile to more than/)
  assert.match((await problem(`cel: "${'a'.repeat(20_000)}" == ""`))[1], /too long/)
})
