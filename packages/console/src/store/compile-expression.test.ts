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

test('events of kinds that an expression does not name are decoded once', async () => {
  let decoded = 0
  const counted = (kind: string, message: GetEventsResponse) => {
    const encoded = codecOf(GetEventsResponse).encode(message)
    return {
      ...subjectOf('', { fields: { kind } }),
      get bytes() {
        decoded++
        return encoded
      },
    }
  }
  const start = (uid: number) => counted('process_exec', { process_exec: { process: { uid } } })
  const exit = (uid: number) => counted('process_exit', { process_exit: { process: { uid } } })
  const run = async (text: string): Promise<(boolean | undefined)[]> => {
    decoded = 0
    const { match } = await compileExpression(text)
    return [start(7), exit(7), start(8), exit(7), exit(7)].map((each) => match?.(each))
  }
  assert.deepEqual(await run('cel: process_exec.process.uid == 7u'), [
    ...[true, false, false, false, false],
  ])
  assert.equal(decoded, 3)
  assert.deepEqual(await run('cel: process_exec.process.uid != 7u'), [
    ...[false, false, true, false, false],
  ])
  assert.deepEqual(await run('cel: !(process_exec.process.pid == 7u)'), Array(5).fill(false))
  assert.deepEqual(await run('cel: process_exec.process.binary == ""'), Array(5).fill(true))
  assert.equal(decoded, 3)
  assert.deepEqual(
    await run('cel: process_exec.process.uid == 7u || process_exit.process.uid == 7u'),
    [true, true, false, true, true],
  )
  assert.equal(decoded, 5)
  assert.deepEqual(await run('cel: true'), Array(5).fill(true))
  assert.equal(decoded, 2)
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
