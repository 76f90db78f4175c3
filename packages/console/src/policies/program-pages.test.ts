import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLacking, readPage } from './program-pages.ts'

const hook = (path: string) => ({ path, programs: [{ name: path }] })

test('pages follow each other', async () => {
  const asked: number[] = []
  const read = async (position: number) => {
    asked.push(position)
    const next_position = position === 0 ? 3 : undefined
    return { hooks: [hook(`at ${position}`)], generation: 7, next_position }
  }
  const first = await readPage(read, undefined)
  assert.deepEqual(first, { hooks: [hook('at 0')], next: 3, generation: 7 })
  const second = await readPage(read, first)
  assert.deepEqual(second, { hooks: [hook('at 0'), hook('at 3')], next: 0, generation: 7 })
  assert.deepEqual(asked, [0, 3])
})

test('programs of a policy that was loaded again are read from the start', async () => {
  const read = async (position: number) => ({ hooks: [hook(`at ${position}`)], generation: 8 })
  const before = { hooks: [hook('old')], next: 3, generation: 7 }
  const pages = await readPage(read, before)
  assert.deepEqual(pages, { hooks: [hook('at 0')], next: 0, generation: 8 })
})

test('a hook without programs has an empty page', async () => {
  const pages = await readPage(async () => ({}), undefined)
  assert.deepEqual(pages, { hooks: [], next: 0, generation: 0 })
})

test('an agent without the call is not one that has failed', () => {
  const text = 'the agent at x has no service tetragonts.Inspect: it is the original Tetragon'
  assert.ok(isLacking(text))
  assert.ok(!isLacking('show programs of policy: policy a of domain grpc not found'))
})
