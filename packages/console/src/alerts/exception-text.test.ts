import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exceptionText } from './exception-text.ts'

test('hostile names stay one literal value each', () => {
  const binary = '/tmp/*"\n  condition: x\u2028\u202e?\\'
  const alert = { rule: 'r', title: 'T\n---', binary, parent: '', pod: 'shop/web' }
  const lines = exceptionText(alert, Date.parse('2026-12-03')).split('\n')
  assert.equal(lines.length, 11)
  assert.equal(lines[0], String.raw`title: "Exception of T\n---"`)
  assert.equal(
    lines[5],
    String.raw`    Image|cased: "/tmp/\\*\"\n  condition: x\u2028\u202e\\?\\\\"`,
  )
  assert.equal(lines[6], '    process.pod.namespace|cased: "shop"')
  assert.equal(lines[9], 'expires: 2027-01-02')
})
