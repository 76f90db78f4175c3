import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Action } from './action.ts'
import { classify, namesTechnique } from './classify.ts'
import type { ActionEvent } from './process-tree.ts'

const action: Action = { id: 'a', title: 'A', technique: 'T1053.003', run: ':' }
const done = { ran: true, effect: true, output: '' } as const
const shell: ActionEvent = { kind: 'process_exec', ofScript: true, command: '', findings: [] }
const hook: ActionEvent = {
  kind: 'process_kprobe',
  ofScript: true,
  command: '',
  policy: 'p',
  findings: [],
}
const found = (level: string, ...techniques: string[]): ActionEvent => ({
  ...hook,
  findings: [{ title: `${level} ${techniques}`, level, techniques }],
})

describe('classify', () => {
  it('prefers a finding with the technique to one of a higher level', () => {
    const events = [shell, found('high', 'T1105'), found('low', 'T1053.003')]
    const expected = { id: 'a', class: 'detected', level: 'low', why: 'low T1053.003' }
    assert.deepEqual(classify(action, done, events), expected)
  })

  it('calls other findings indirect, and names the one of the highest level', () => {
    const events = [found('low', 'T1105'), found('high', 'T1036.003', 'T1105')]
    const why = 'high T1036.003,T1105 (T1036.003, T1105)'
    assert.deepEqual(classify(action, done, events), {
      id: 'a',
      class: 'indirect',
      level: 'high',
      why,
    })
  })

  it('distinguishes what is seen from the start and end of the shell', () => {
    assert.equal(classify(action, done, [shell]).class, 'unseen')
    assert.equal(classify(action, done, [shell, hook]).class, 'seen')
    assert.equal(classify(action, done, [shell, { ...shell, ofScript: false }]).class, 'seen')
  })

  it('calls an action prevented only if a policy acted', () => {
    const failed = { ...done, effect: false, output: 'denied' }
    const killed = { ...hook, action: 'KPROBE_ACTION_SIGKILL' }
    assert.equal(classify(action, failed, [shell, killed]).class, 'prevented')
    const without = classify(action, failed, [shell, hook])
    assert.deepEqual([without.class, without.why], ['notRunnable', 'no effect here: denied'])
  })

  it('says why an action did not run', () => {
    const result = classify(action, { ran: false, reason: 'no program x' }, [])
    assert.deepEqual(result, { id: 'a', class: 'notRunnable', why: 'no program x' })
  })
})

describe('namesTechnique', () => {
  const names = (finding: string, technique: string) =>
    namesTechnique({ title: '', level: '', techniques: [finding] }, technique)

  it('accepts the technique that a sub-technique is a part of, but no sibling', () => {
    assert.ok(names('T1053.003', 'T1053.003'))
    assert.ok(names('T1053', 'T1053.003'))
    assert.ok(names('T1053.003', 'T1053'))
    assert.ok(!names('T1053.006', 'T1053.003'))
    assert.ok(!names('T1105', 'T1053'))
  })
})
