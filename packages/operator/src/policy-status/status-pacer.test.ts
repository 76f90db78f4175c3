import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { StatusPacer } from './status-pacer.ts'

describe('the pace of statuses', () => {
  let now: number
  let end: AbortController
  let log: string[]
  let urgent: Set<string>
  beforeEach(() => {
    now = 0
    end = new AbortController()
    log = []
    urgent = new Set()
    mock.timers.enable({ apis: ['setTimeout'] })
    mock.method(performance, 'now', () => now)
  })
  afterEach(() => {
    end.abort()
    mock.timers.reset()
    mock.restoreAll()
  })

  function start(nodes: number): StatusPacer {
    const rules = { nodes: () => nodes, isUrgent: (key: string) => urgent.has(key) }
    return new StatusPacer(rules, (key) => log.push(`${now / 1000} ${key}`), end.signal)
  }
  function pass(seconds: number): void {
    for (let ms = 0; ms < seconds * 1000; ms += 10) {
      mock.timers.tick(10)
      now += 10
    }
  }

  it('is fast in a small cluster: the first write is made immediately', () => {
    const pacer = start(3)
    pacer.add('a')
    pacer.add('b')
    pacer.add('a')
    pass(0.5)
    assert.deepEqual(log, ['0 a', '0.1 b'])
    pacer.add('a')
    pass(2)
    assert.deepEqual(log.slice(2), ['1 a'])
  })

  it('is bounded by the number of nodes: a write in two seconds with 5,000', () => {
    const pacer = start(5000)
    for (let i = 0; i < 100; i++) pacer.add(`p${i}`)
    pass(60)
    assert.equal(log.length, 30)
    assert.equal(pacer.size, 70)
    assert.ok(!log.some((each, i) => log.indexOf(each) !== i))
  })

  it('prefers policies that were just changed, of which each has a rest', () => {
    const pacer = start(5000)
    for (let i = 0; i < 100; i++) pacer.add(`p${i}`)
    pass(5)
    log = []
    urgent.add('new')
    for (let second = 0; second < 30; second++) {
      pacer.add('new')
      pass(1)
    }
    const times = log
      .filter((each) => each.endsWith('new'))
      .map((each) => Number(each.split(' ')[0]))
    assert.deepEqual(times, [6, 16, 26])
    assert.equal(log.length, 15)
  })

  it('leaves every other write to the others, however many are changed', () => {
    const pacer = start(5000)
    for (const kind of ['old', 'new']) for (let i = 0; i < 50; i++) pacer.add(`${kind}-${i}`)
    urgent = new Set(Array.from({ length: 50 }, (_, i) => `new-${i}`))
    pass(40)
    assert.equal(log.filter((each) => each.includes('new')).length, 10)
    assert.equal(log.filter((each) => each.includes('old')).length, 10)
  })

  it('forgets deleted policies, and writes nothing after the end', () => {
    const pacer = start(5000)
    for (const key of ['a', 'b', 'c']) pacer.add(key)
    pass(1)
    pacer.delete('b')
    pass(2)
    end.abort()
    pacer.add('d')
    pass(10)
    assert.deepEqual(log, ['0 a', '2 c'])
  })
})
