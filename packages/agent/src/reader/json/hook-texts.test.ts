import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EventHead, HookDescription } from '@tetragon-ts/compiler/hooks'
import { checkDeclaredOrder } from '../../testing/declared-order.ts'
import { type EndingKind, endingKind, hookTexts } from './hook-texts.ts'

const heads: Readonly<Record<HookDescription['event'], EventHead>> = {
  process_kprobe: { function_name: 'a/b' },
  process_tracepoint: { subsys: 'a', event: 'b' },
  process_lsm: { function_name: 'a/b' },
  process_uprobe: { path: '/a', symbol: 'b', offset: '1', ref_ctr_offset: '2' },
  process_usdt: { path: '/a', provider: 'b', name: 'c' },
}

function texts(event: HookDescription['event'], action = 'Post', returnAction?: string) {
  const enforced = { enforcedActions: ['Sigkill'], enforcedReturnActions: ['Signal'] }
  return hookTexts({
    ...enforced,
    enforcements: [],
    returnEnforcements: [],
    id: 1,
    event,
    policyName: 'ü',
    onlyFindings: false,
    functions: ['a/b'],
    message: '"m"',
    tags: ['t'],
    args: [],
    data: [],
    actions: [action],
    returnActions: returnAction ? [returnAction] : [],
    requests: [],
    returnRequests: [],
    enter: [],
    leave: [],
    rereads: [],
    returns: false,
    heads: [heads[event]],
    returnMatters: [],
    extras: {
      owner: false,
      stacks: [],
      imaHash: false,
      workload: false,
      enforcement: true,
      refusal: false,
    },
  })
}

/** The event of a hook without arguments. */
function eventOf(
  { head, endings }: ReturnType<typeof texts>,
  isIdle = false,
  returned = false,
  enforced: Pick<EndingKind, 'enforced' | 'returnEnforced'> = {},
) {
  const { whole, parts } = endings[endingKind({ isIdle, returned, ...enforced })][0]
  assert.deepEqual(whole, Buffer.concat(parts))
  const json = `{"process":{}${head[0]}${returned ? ',"return":{}' : ''}${whole}}`
  return JSON.parse(json) as Record<string, unknown>
}

describe('the constant members of events', () => {
  for (const event of [
    ...(['process_kprobe', 'process_tracepoint', 'process_lsm'] as const),
    ...(['process_uprobe', 'process_usdt'] as const),
  ]) {
    it(`come in the order of their declarations: ${event}`, () => {
      const body = eventOf(texts(event))
      checkDeclaredOrder(event, body)
      const { policy_name, message, tags, action } = body
      assert.deepEqual([policy_name, message, tags], ['ü', '"m"', ['t']])
      assert.equal(action, 'KPROBE_ACTION_POST')
      assert.equal('return_action' in body, event === 'process_kprobe')
    })
  }

  it('have the action at the return, Post without one', () => {
    const known = texts('process_kprobe', 'Post', 'TrackSock')
    const returned = eventOf(known, false, true)
    checkDeclaredOrder('process_kprobe', returned)
    assert.equal(returned.return_action, 'KPROBE_ACTION_TRACKSOCK')
    assert.equal(eventOf(known).return_action, 'KPROBE_ACTION_POST')
  })

  it('have the enforcing action if it was executed, at the entry or at the return', () => {
    const known = texts('process_kprobe')
    const at = (enforced: boolean, returnEnforced: boolean) => {
      const { action, return_action } = eventOf(known, false, true, { enforced, returnEnforced })
      return [action, return_action].map((name) => String(name).replace('KPROBE_ACTION_', ''))
    }
    assert.deepEqual(at(false, false), ['POST', 'POST'])
    assert.deepEqual(at(true, false), ['SIGKILL', 'POST'])
    assert.deepEqual(at(false, true), ['POST', 'SIGNAL'])
    assert.deepEqual(at(true, true), ['SIGKILL', 'SIGNAL'])
  })

  it('have Post for a descriptor that was not followed', () => {
    const unfollow = texts('process_kprobe', 'UnfollowFD')
    assert.equal(eventOf(unfollow).action, 'KPROBE_ACTION_UNFOLLOWFD')
    assert.equal(eventOf(unfollow, true).action, 'KPROBE_ACTION_POST')
    // The last action of a selector is reported; the one before it had no effect.
    const request = texts('process_kprobe', 'GetUrl')
    assert.equal(eventOf(request, true).action, 'KPROBE_ACTION_GETURL')
  })
})
