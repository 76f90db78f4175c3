import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countsText, hooksOf } from './policy-hooks.ts'

test('hooks have their means, their problems and the counters of their selectors', () => {
  const counter = (hook: string, hook_index: number, selector_index: number, post: string) => {
    return { hook, hook_index, selector_index, action_counters: { post, signal: '0' } }
  }
  const status = (
    hook_idx: number,
    hook_description: string,
    state: 'STATUS_LOADED' | 'STATUS_UNSPECIFIED',
  ) => {
    return { section: 'kprobes', hook_idx, hook_description, state }
  }
  const hooks = hooksOf({
    hook_statuses: [
      status(0, 'sys_open (fentry, kprobe: after the call (twice))', 'STATUS_LOADED'),
      status(1, 'sys_open', 'STATUS_UNSPECIFIED'),
    ],
    stats: {
      selector_action_counters: [
        ...[counter('sys_open', 0, 0, '3'), counter('sys_open', 0, 1, '4')],
        ...[counter('sys_open', 1, 0, '0'), counter('sys_read', 0, 0, '9')],
      ],
    },
  })
  assert.deepEqual(
    hooks.map(({ call, means, problem }) => [call, means, problem]),
    [
      ['sys_open', 'fentry, kprobe: after the call (twice)', ''],
      ['sys_open', '', 'not in force'],
    ],
  )
  const counts = hooks.map(({ selectors }) => selectors.map((each) => countsText(each.counts)))
  assert.deepEqual(counts, [['post 3', 'post 4'], ['']])
})

test('agents that report less have hooks without counters', () => {
  assert.deepEqual(hooksOf({}), [])
  assert.equal(hooksOf({ hook_statuses: [{ section: 'kprobes' }] })[0].problem, 'unknown')
})
