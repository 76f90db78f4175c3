import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { FilterInForce } from '../rules/rules-in-force.ts'
import { FilterExpiryWatch } from './filter-expiry-watch.ts'

const dayMs = 86_400_000
const endMs = 100 * dayMs

function filter(isEnforced: boolean, wasExpired = false): FilterInForce {
  return {
    ...{ filter: 'Backup', title: 'Backup', file: 'f.yaml', line: 3, owner: 'ann', rules: ['a'] },
    ...{ expires: { date: '1970-04-10', endMs }, isEnforced, wasExpired },
  }
}

function watched(filters: readonly FilterInForce[]) {
  const log: string[] = []
  const expiry = new FilterExpiryWatch(
    (message) => log.push(message),
    () => log.push('renewed'),
  )
  expiry.watch(filters)
  return { log, expiry }
}

it('the end of an exception is logged a week before and when it comes', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: endMs - 9 * dayMs })
  const { log, expiry } = watched([filter(false), { ...filter(false), expires: undefined }])
  assert.deepEqual(log, [])
  // Each look sets the next timer.
  const pass = (days: number) => {
    for (let hour = 0; hour < 24 * days; hour++) t.mock.timers.tick(dayMs / 24)
  }
  pass(3)
  const soon = 'exception "Backup" of ann (f.yaml:3) expires after 1970-04-10'
  assert.deepEqual(log.splice(0), [soon])
  pass(5)
  assert.deepEqual(log, [])
  pass(2)
  const expired =
    'exception "Backup" of ann (f.yaml:3) has expired: it excepts nothing after 1970-04-10'
  assert.deepEqual(log.splice(0), [expired])
  expiry.watch([filter(false, true)])
  assert.deepEqual(log, [], 'once')
  expiry[Symbol.dispose]()
})

it('rules that the kernel decides are read again when one of their exceptions expires', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: endMs - 1 })
  const { log, expiry } = watched([filter(true)])
  log.splice(0)
  t.mock.timers.tick(1)
  assert.equal(log.at(-1), 'renewed')
  log.splice(0)
  expiry.watch([filter(true, true)])
  t.mock.timers.tick(dayMs)
  assert.deepEqual(log, [])
  expiry[Symbol.dispose]()
})

it('rules that could not be read again are tried again within an hour', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: endMs })
  const { log, expiry } = watched([filter(true)])
  assert.equal(log.pop(), 'renewed')
  log.splice(0)
  t.mock.timers.tick(3_600_000)
  assert.deepEqual(log, ['renewed'])
  expiry[Symbol.dispose]()
})
