import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hookLines } from './show-hooks.ts'

const policy = (name: string, domain: string, ...hooks: string[]) => ({
  name,
  domain,
  hook_statuses: hooks.map((hook_description) => ({ hook_description })),
})

test('hooks are shown with what their back ends miss', () => {
  const weak = 'file_open (fanotify: only named files of the host)'
  const policies = [policy('p', 'files', 'other'), policy('p', 'grpc', weak, 'a\x1b[2J')]
  assert.deepEqual(hookLines(policies, 'p', ''), [`  ${weak}`, '  a\\x1b[2J'])
  assert.deepEqual(hookLines(policies, 'p', 'files'), ['  other'])
  assert.deepEqual(hookLines(policies, 'q', ''), [])
})

test('of many hooks the first ones are shown', () => {
  const hooks = Array.from({ length: 999 }, (_, i) => `f${i}`)
  const lines = hookLines([policy('p', 'grpc', ...hooks)], 'p', '')
  assert.deepEqual([lines.length, lines[9], lines[10]], [11, '  f9', '  … and 989 more'])
})
