import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseEvent } from '@tetragon-ts/api'
import { actionInEvents, actions } from '@tetragon-ts/policy/actions'
import { actionText, enforcedActions, isEnforced } from './enforced-actions.ts'

function event(body: object, key = 'process_kprobe') {
  const parsed = parseEvent(JSON.stringify({ [key]: { process: { pid: 1 }, ...body } }))
  assert.ok(parsed.ok)
  return parsed.event
}

const means = 'signal'

test('an agent reports what became of each action', () => {
  const enforcement = [
    { action: 'Sigkill', means, done: true },
    { action: 'Override', means, failed: true },
    { action: 'Signal', means },
    { action: 'Set', means, limit_reached: true },
  ]
  const hit = event({ action: 'KPROBE_ACTION_SIGKILL', enforcement })
  assert.deepEqual(
    enforcedActions(hit).map(({ outcome, limitReached }) => [outcome, limitReached]),
    [
      ['done', false],
      ['failed', false],
      ['monitored', false],
      ['monitored', true],
    ],
  )
  assert.equal(actionText(hit), 'Sigkill done, Override failed, Signal monitored, Set monitored')
})

test('the original reports the action only', () => {
  const hit = event({ action: 'KPROBE_ACTION_OVERRIDE', return_action: 'KPROBE_ACTION_SIGKILL' })
  assert.equal(actionText(hit), 'Override unreported, Sigkill unreported')
  assert.equal(
    actionText(event({ action: 'KPROBE_ACTION_SIGNAL' }, 'process_lsm')),
    'Signal unreported',
  )
})

test('other actions and other events stop nothing', () => {
  const others = [
    [event({ action: 'KPROBE_ACTION_POST' }), 'Post'],
    [event({ action: 'KPROBE_ACTION_GETURL' }), 'Geturl'],
    [event({}), ''],
    [event({}, 'process_exec'), ''],
  ] as const
  for (const [each, text] of others) {
    assert.deepEqual(enforcedActions(each), [])
    assert.equal(actionText(each), text)
  }
})

test('the text of the actions shows whether they enforce', () => {
  const texts = [
    event({
      enforcement: [
        { action: 'Override', means, done: true },
        { action: 'Post', means },
      ],
    }),
    event({ action: 'KPROBE_ACTION_SIGKILL' }),
    event({ action: 'KPROBE_ACTION_POST' }),
    event({}),
  ].map(actionText)
  assert.deepEqual(texts.map(isEnforced), [true, true, false, false])
})

test('actions that only observe are none of them, also from agents that name them only', () => {
  for (const [name, { effect }] of Object.entries(actions)) {
    const hit = event({ action: actionInEvents(name) })
    const expected = effect === 'enforce' ? [name] : []
    assert.deepEqual(
      enforcedActions(hit).map(({ action }) => action),
      expected,
    )
  }
})
