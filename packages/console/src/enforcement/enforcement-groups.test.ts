import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codecOf, type Event, GetEventsResponse, parseEvent } from '@tetragon-ts/api'
import * as fc from 'fast-check'
import { compileFilter } from '../store/filter.ts'
import { EnforcementGroups } from '../summaries/enforcement-groups.ts'
import { subjectOf } from '../testing/subject.ts'
import { describeEvent } from '../worker/describe-event.ts'
import { filterOf } from './group-filter.ts'

const codec = codecOf(GetEventsResponse)

interface Wanted {
  readonly policy?: string
  readonly call?: string
  readonly outcome?: object
  readonly count?: number
  readonly binary?: string
}

function refusal(wanted: Wanted = {}): Event {
  const { policy = 'p', call = 'f', outcome = { done: true }, count, binary = '/bin/a' } = wanted
  const enforcement = [{ action: 'Override', means: 'lsm', ...outcome }]
  const process = { pid: 1, binary, pod: { namespace: 'default', name: 'xwing' } }
  const body = { process, policy_name: policy, function_name: call, enforcement }
  const aggregation_info = count === undefined ? undefined : { count }
  const parsed = parseEvent(JSON.stringify({ process_kprobe: body, aggregation_info }))
  assert.ok(parsed.ok)
  return parsed.event
}

test('equal operations are one group with their number, their times and who did them', () => {
  const all = new EnforcementGroups(10, 0)
  all.see(refusal({ count: 900 }), 2000)
  all.see(refusal({ binary: '/bin/b' }), 1000)
  all.see(refusal({ outcome: {} }), 3000)
  const { groups } = all.summary
  assert.deepEqual(
    groups.map(({ outcome, count, events, first, last }) => [outcome, count, events, first, last]),
    [
      ['done', 901, 2, 1000, 2000],
      ['monitored', 1, 1, 3000, 3000],
    ],
  )
  const [{ binaries, pods, means, hook, policy }] = groups
  assert.deepEqual([policy, hook, means], ['p', 'f', 'lsm'])
  assert.deepEqual(
    binaries.map(({ name, count }) => [name, count]),
    [
      ['/bin/a', 900],
      ['/bin/b', 1],
    ],
  )
  assert.equal(pods[0].name, 'default/xwing')
})

test('a group names what was stopped, not only who did it', () => {
  const all = new EnforcementGroups(10, 0)
  const open = (path: string, count: number): void => {
    const body = {
      process: { binary: '/bin/cat', pid: 1 },
      policy_name: 'p',
      function_name: 'security_file_permission',
      args: [{ file_arg: { path } }, { int_arg: 4 }],
      action: 'KPROBE_ACTION_SIGKILL',
    }
    const aggregation_info = { count: String(count) }
    const parsed = parseEvent(JSON.stringify({ process_kprobe: body, aggregation_info }))
    assert.ok(parsed.ok)
    all.see(parsed.event, 0)
  }
  open('/etc/shadow', 3)
  open('/etc/gshadow', 1)
  const [{ operations }] = all.summary.groups
  assert.deepEqual(
    operations.map(({ name, count }) => [name, count]),
    [
      ['read /etc/shadow', 3],
      ['read /etc/gshadow', 1],
    ],
  )
})

test('no operation is lost, whatever the number of groups', () => {
  const outcomes = fc.constantFrom({ done: true }, { failed: true }, {}, { limit_reached: true })
  const wanted = fc.record({
    policy: fc.constantFrom('a', 'b', 'c'),
    call: fc.constantFrom('f', 'g'),
    outcome: outcomes,
    count: fc.integer({ min: 1, max: 1000 }),
  })
  fc.assert(
    fc.property(fc.array(wanted), fc.integer({ min: 1, max: 20 }), (refusals, max) => {
      const all = new EnforcementGroups(max, 0)
      for (const each of refusals) all.see(refusal(each), 0)
      const { groups, ungrouped } = all.summary
      assert.ok(groups.length <= max)
      const counted = groups.reduce((sum, { count }) => sum + count, 0)
      const others = Object.values(ungrouped).reduce((sum, count) => sum + count, 0)
      const total = refusals.reduce((sum, { count }) => sum + count, 0)
      assert.equal(counted + others, total)
    }),
  )
})

test('the filter of a group shows its events, and not those of another one', () => {
  const all = new EnforcementGroups(10, 0)
  const [done, monitored] = [refusal(), refusal({ outcome: {} })]
  all.see(done, 0)
  const match = compileFilter(filterOf(all.summary.groups[0]))
  const shows = (event: Event): boolean => {
    const { line, fields } = describeEvent(codec.encode(event.response), 0)
    return match(subjectOf(line, { fields }))
  }
  assert.ok(shows(done))
  assert.ok(!shows(monitored))
  assert.ok(!shows(refusal({ policy: 'q' })))
  assert.ok(!shows(refusal({ call: 'g' })))
})

test('numbers that make no sense count once', () => {
  const all = new EnforcementGroups(10, 0)
  all.see(refusal({ count: 0 }), 0)
  assert.equal(all.summary.groups[0].count, 1)
})
