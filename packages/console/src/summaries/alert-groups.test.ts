import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Event, parseEvent } from '@tetragon-ts/api'
import * as fc from 'fast-check'
import { compileFilter } from '../store/filter.ts'
import { AlertGroups, alertSubject } from './alert-groups.ts'

interface Wanted {
  readonly binary?: string
  readonly parent?: string
  readonly level?: string
  readonly rule?: string
  readonly repeated?: string
}

function parsed(content: object): Event {
  const result = parseEvent(JSON.stringify(content))
  assert.ok(result.ok)
  return result.event
}

function found(wanted: Wanted = {}): Event {
  const { binary = '/bin/a', parent = '/bin/sh', level = 'high', rule = 'r', repeated } = wanted
  const process = { pid: 1, binary, pod: { namespace: 'default', name: 'xwing' } }
  const findings = [{ rule, title: `Title of ${rule}`, level, repeated }]
  return parsed({ process_exec: { process, parent: { binary: parent } }, findings })
}

function hit(tags: readonly string[], policy = 'p'): Event {
  const body = { process: { binary: '/bin/a' }, policy_name: policy, message: 'Hit', tags }
  return parsed({ process_kprobe: body, aggregation_info: { count: '5' } })
}

test('findings of a rule, a program and its parent are one alert', () => {
  const groups = new AlertGroups(10, 1e6)
  groups.see(found({ repeated: '3' }), 2000, 7)
  groups.see(found(), 1000, 8)
  groups.see(found({ parent: '/usr/sbin/nginx' }), 3000, 9)
  const { alerts } = groups.summary()
  assert.deepEqual(
    alerts.map(({ parent, count, first, last, event }) => [parent, count, first, last, event]),
    [
      ['/usr/sbin/nginx', 1, 3000, 3000, 9],
      ['/bin/sh', 5, 1000, 2000, 7],
    ],
  )
  assert.equal(alerts[0].title, 'Title of r')
  assert.equal(alerts[0].isCorrelation, false)
})

test('correlations are known by the processes that they are about', () => {
  const groups = new AlertGroups(10, 1e6)
  const findings = [{ rule: 'scan', exec_ids: ['a', 'b'] }]
  groups.see(parsed({ process_exec: { process: { binary: '/bin/a' } }, findings }), 1, 1)
  assert.equal(groups.summary().alerts[0].isCorrelation, true)
})

test('policies with a level are alerts, those of rules and without a level are not', () => {
  const groups = new AlertGroups(10, 1e6)
  groups.see(hit(['container', 'level.medium']), 1, 1)
  groups.see(hit(['level.no-such']), 2, 2)
  groups.see(hit([]), 3, 3)
  groups.see(hit(['level.high'], 'detection-rules-kill-1'), 4, 4)
  groups.see(found({ level: 'critical' }), 0, 0)
  assert.deepEqual(
    groups.summary().alerts.map(({ source, level, title, count }) => [source, level, title, count]),
    [
      ['rule', 'critical', 'Title of r', 1],
      ['policy', 'medium', 'Hit', 5],
    ],
  )
})

test('filters and spans choose alerts', () => {
  const groups = new AlertGroups(10, 1e6)
  groups.see(found({ level: 'low', rule: 'quiet' }), 1000, 1)
  groups.see(found({ binary: '/usr/bin/nc' }), 5000, 2)
  const shown = (text: string): string[] => {
    const match = compileFilter(text)
    const { alerts, kept } = groups.summary(undefined, (alert) => match(alertSubject(alert)))
    assert.equal(kept, 2)
    return alerts.map(({ rule }) => rule)
  }
  assert.deepEqual(shown('level:medium'), ['r'])
  assert.deepEqual(shown('pod:=default/xwing'), ['r', 'quiet'])
  assert.deepEqual(shown('"title of quiet"'), ['quiet'])
  assert.deepEqual(shown('-binary:*/nc'), ['quiet'])
  assert.deepEqual(
    groups.summary({ from: 2000, to: 6000 }).alerts.map(({ rule }) => rule),
    ['r'],
  )
})

test('no finding is lost, and a flood of low ones does not drop high ones', () => {
  const programs = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 200 })
  fc.assert(
    fc.property(programs, fc.integer({ min: 1, max: 20 }), (numbers, max) => {
      const groups = new AlertGroups(max, 20_000)
      groups.see(found({ level: 'critical', rule: 'wanted' }), 0, 0)
      for (const [i, each] of numbers.entries()) {
        groups.see(found({ level: 'low', binary: `/x/${each}` }), i, i)
      }
      const { alerts, kept, dropped } = groups.summary()
      assert.ok(kept <= max)
      assert.equal(alerts[0].rule, 'wanted')
      const counted = alerts.reduce((sum, { count }) => sum + count, 0)
      assert.equal(counted + dropped.findings, numbers.length + 1)
    }),
  )
})

test('long and many texts do not exceed the memory', () => {
  const groups = new AlertGroups(500, 20_000)
  for (let i = 0; i < 100; i++) {
    groups.see(found({ binary: `/x/${i}/${'a'.repeat(10_000)}` }), i, i)
  }
  const { alerts, kept } = groups.summary()
  assert.ok(kept < 20)
  assert.ok(alerts.every(({ binary }) => binary.length <= 512))
})
