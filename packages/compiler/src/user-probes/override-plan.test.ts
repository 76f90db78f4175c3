import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RegisterAssignment } from '@tetragon-ts/policy'
import { type OverrideAction, planOverride } from './override-plan.ts'

const action = (values: Partial<OverrideAction>): OverrideAction => ({
  action: 'Override',
  path: 'a',
  registers: [],
  ...values,
})

const fromStack = (register: string, kind: 'memory' | 'register', offset: bigint) =>
  ({ register, from: { kind, name: 'rsp', offset } }) as const
const one: RegisterAssignment = { register: 'rdi', from: { kind: 'constant', value: 1n } }

test('a result is set, and a return instruction executed', () => {
  const { assignments, target } = planOverride(action({ error: -1 }))
  assert.deepEqual(
    assignments.map(({ from }) => from),
    [{ kind: 'constant', value: -1n }],
  )
  assert.equal(target?.shown, 'a return instruction')
})

test('a return in assignments becomes a return instruction', () => {
  const [ip, sp] = [fromStack('rip', 'memory', 0n), fromStack('sp', 'register', 8n)]
  const { assignments, target } = planOverride(action({ registers: [sp, one, ip] }))
  assert.deepEqual(assignments, [one])
  assert.equal(target?.shown, 'a return instruction')
})

test('other assignments are made as they are', () => {
  for (const registers of [
    [one],
    [one, fromStack('rip', 'memory', 0n)],
    [fromStack('rip', 'memory', 8n), fromStack('rsp', 'register', 8n)],
    [fromStack('rip', 'memory', 0n), fromStack('rsp', 'register', 16n)],
  ]) {
    assert.deepEqual(planOverride(action({ registers })), { assignments: registers })
  }
})

test('places in the file', () => {
  assert.equal(planOverride(action({ newSymbol: 'f+4' })).target?.shown, 'f+4')
  assert.equal(planOverride(action({ newAddress: 16n })).target?.shown, '0x10')
  assert.equal(planOverride(action({ newOffset: 16n })).target?.shown, 'offset 0x10')
})
