import assert from 'node:assert/strict'
import { it } from 'node:test'
import { eventClass } from '@tetragon-ts/outputs/queue'
import fc from 'fast-check'
import { withCount, withoutCount } from './aggregated-line.ts'
import { Aggregation } from './aggregation.ts'

function trial(windowMs: number, limit: number) {
  const sent: string[] = []
  const aggregation = new Aggregation<string>({ windowMs, limit }, (line, count) => {
    sent.push(withCount(line, count))
  })
  const add = (process: string, says: string, now: number, count = 1): void => {
    const counted = count > 1 ? `,"aggregation_info":{"count":"${count}"}` : ''
    const encode = () => withoutCount(`{"at":"${process} ${says} ${now}"${counted}}\n`, count)
    const joinable = { statement: `${process} ${says}`, encode, count, of: eventClass.hook }
    aggregation.add(process, joinable, now)
  }
  return { aggregation, add, take: () => sent.splice(0).map((line) => JSON.parse(line)) }
}

const info = (count: number) => ({ aggregation_info: { count: String(count) } })

it('equal events become the first of them, with their number', () => {
  const { aggregation, add, take } = trial(100, 10)
  add('p', 'x', 0)
  add('p', 'y', 10)
  add('q', 'x', 20)
  add('p', 'x', 99)
  aggregation.sendDue(99)
  assert.deepEqual(take(), [])
  assert.equal(aggregation.nextDue(99), 1)
  aggregation.sendDue(110)
  assert.deepEqual(take(), [{ at: 'p x 0', ...info(2) }, { at: 'p y 10' }])
  add('p', 'x', 130)
  aggregation.sendOf('p')
  assert.deepEqual(take(), [{ at: 'p x 130' }])
  aggregation.sendDue(Number.POSITIVE_INFINITY)
  assert.deepEqual(take(), [{ at: 'q x 20' }])
  assert.equal(aggregation.nextDue(0), undefined)
})

it('at most 32 MB are held back, for any number of groups', () => {
  const { aggregation, add, take } = trial(100, 1e6)
  const long = 'x'.repeat(2 ** 22)
  for (let i = 0; i < 10; i++) add(`${i}`, long, i)
  // A group holds its event and the text that it is found by.
  assert.deepEqual(
    take().map(({ at }) => at[0]),
    ['0', '1', '2', '3', '4', '5', '6'],
  )
  aggregation.sendDue(1000)
  assert.equal(take().length, 3)
})

it('an event may already stand for several', () => {
  const { aggregation, add, take } = trial(100, 10)
  add('p', 'x', 0, 934)
  add('p', 'x', 10)
  add('p', 'x', 20, 3)
  add('p', 'y', 20, 7)
  aggregation.sendDue(200)
  assert.deepEqual(take(), [
    { at: 'p x 0', ...info(938) },
    { at: 'p y 20', ...info(7) },
  ])
})

it('no event is lost, whatever the order', () => {
  const name = fc.constantFrom('a', 'b', 'c')
  const step = fc.tuple(name, name, fc.nat(30))
  fc.assert(
    fc.property(fc.array(step), fc.integer({ min: 1, max: 4 }), (steps, limit) => {
      const { aggregation, add, take } = trial(50, limit)
      let now = 0
      for (const [process, content, wait] of steps) {
        now += wait
        aggregation.sendDue(now)
        if (wait === 0) aggregation.sendOf(process)
        add(process, content, now)
      }
      aggregation.sendDue(Number.POSITIVE_INFINITY)
      const counts = take().map(({ aggregation_info }) => Number(aggregation_info?.count ?? 1))
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        steps.length,
      )
    }),
  )
})
