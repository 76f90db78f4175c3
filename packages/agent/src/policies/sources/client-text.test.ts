import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readClientText, readStoredText } from './client-text.ts'

const policy = (hooks: string) => `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: large
spec:
  kprobes:
${hooks}`

/** A policy with one hook and many selectors. */
const selectors = (count: number) =>
  policy(
    `  - call: sys_chdir\n    selectors:\n${'    - matchActions: [{action: Post}]\n'.repeat(count)}`,
  )

describe('the text of a policy of a client', () => {
  it('is refused if it would block other clients', async () => {
    assert.equal((await readClientText(selectors(2000))).policy.name, 'large')
    const tooMany = { code: 'invalid', message: /it has 2001 selectors; the limit .* is 2000$/ }
    await assert.rejects(readClientText(selectors(2001)), tooMany)
    const hooks = policy('  - call: sys_chdir\n'.repeat(1001))
    await assert.rejects(readClientText(hooks), { code: 'invalid', message: /it has 1001 hooks/ })
    const long = `${policy('')}${'#'.repeat(2 ** 20)}`
    await assert.rejects(readClientText(long), {
      code: 'invalid',
      message: /the maximum is 1048576$/,
    })
  })

  it('has one policy', async () => {
    const one = policy('  - call: sys_chdir\n')
    const two = { code: 'invalid', message: 'read policy: expected one policy, found 2' }
    await assert.rejects(readClientText(`${one}---\n${one}`), two)
  })

  it('is an empty policy with the reason if it was stored and cannot be read any more', async () => {
    const { document, unreadable } = await readStoredText('large', policy('  - call: []\n'))
    assert.equal(document.policy.name, 'large')
    assert.deepEqual(document.policy.hooks, [])
    assert.match(unreadable ?? '', /^read policy:\n.*error: /)
    const good = await readStoredText('large', policy('  - call: sys_chdir\n'))
    assert.deepEqual([good.document.policy.hooks.length, good.unreadable], [1, undefined])
  })
})
