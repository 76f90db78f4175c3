import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Descriptions } from './descriptions.ts'
import { readPiece } from './piece.ts'
import { patienceMs, RequestPlan } from './plan-requests.ts'

const hash = 'a'.repeat(64)
const size = 400_000

/** A kernel of these pods. */
function kernelOf(...names: string[]) {
  const pods = names.map((name) => ({ name, uid: name, node: name, isReady: true, isOver: false }))
  return { hash, size, pods }
}

/** A plan with the API server that carries it out. */
function makePlan() {
  const plan = new RequestPlan()
  const descriptions = new Descriptions()
  descriptions.keep([{ hash, size }])
  return (pods: string[], now: number, isWrong = false): string => {
    const writes = plan.writes([kernelOf(...pods)], descriptions, now)
    const asked = writes.map(({ body }) => {
      const data = isWrong ? Buffer.from('x').toString('base64') : undefined
      const object = body as { readonly spec: { readonly round: number; readonly pod: string } }
      const status = isWrong ? { round: object.spec.round, data } : {}
      descriptions.set(readPiece({ ...object, status })!)
      return `${object.spec.pod}${object.spec.round}`
    })
    return asked.join(' ')
  }
}

test('an agent that does not answer is replaced after a while, and the first one asked again', () => {
  const step = makePlan()
  assert.equal(step(['p', 'q'], 0), 'p1 p1')
  assert.equal(step(['p', 'q'], patienceMs), '')
  assert.equal(step(['p', 'q'], patienceMs + 1), 'q2 q2')
  assert.equal(step(['p', 'q'], patienceMs + 2), '')
  assert.equal(step(['p', 'q'], 2 * patienceMs + 2), 'p3 p3')
})

test('an agent that left, or has another kernel now, is replaced at the next look', () => {
  const step = makePlan()
  assert.equal(step(['p', 'q'], 0), 'p1 p1')
  assert.equal(step(['q'], 1), 'q2 q2')
})

test('a hostile agent that is the only one is not asked again and again', () => {
  const step = makePlan()
  assert.equal(step(['p'], 0, true), 'p1 p1')
  for (const now of [1, 2, patienceMs]) assert.equal(step(['p'], now, true), '')
  assert.equal(step(['p'], patienceMs + 1, true), 'p2 p2')
})
