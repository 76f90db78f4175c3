import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kernelWarnings } from './kernel-warnings.ts'

test('a weaker guarantee is a warning of its own, after those about nodes without the policy', () => {
  const checked = { kind: 'checked', problems: [], weak: [] } as const
  const weak = ['Sigkill only monitors (spec.kprobes[0])']
  const all = kernelWarnings([
    { nodes: ['a'], result: { ...checked, release: '6.1.0', weak } },
    { nodes: ['b'], result: { ...checked, release: '5.10.0', problems: ['no lsm'] } },
    { nodes: [], result: 'unknown' },
    { nodes: ['c'], result: { ...checked, release: '6.12.0' } },
  ])
  assert.deepEqual(all, [
    'the policy does not work on node b (kernel 5.10.0): no lsm',
    'the policy is weaker on node a (kernel 6.1.0): Sigkill only monitors (spec.kprobes[0])',
  ])
})

test('what nodes write does not control terminals, and does not fill the warning', () => {
  const release = `\u001b[2J${'x'.repeat(300)}`
  const result = { kind: 'checked', release, problems: ['no'], weak: [] } as const
  const [text] = kernelWarnings([{ nodes: ['n'.repeat(253)], result }])
  assert.ok(text.length < 200 && !text.includes('\u001b'), text)
})
