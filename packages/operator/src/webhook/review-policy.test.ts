import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AdmissionRequest, ReviewTooLarge, type Verdict } from './admission.ts'
import { policyHandler } from './review-policy.ts'

const good = { kprobes: [{ call: 'tcp_connect', syscall: false }] }
const misspelt = { kprobes: [{ cal: 'tcp_connect', syscall: false }] }
const metadata = { name: 'a', uid: 'u', managedFields: [{}], resourceVersion: '1' }

function requestOf(spec: unknown, changes: Partial<AdmissionRequest> = {}): AdmissionRequest {
  return {
    uid: 'u',
    operation: 'CREATE',
    kind: 'TracingPolicy',
    resource: 'tracingpolicies',
    subResource: '',
    namespace: '',
    name: 'a',
    oldObject: {},
    user: { name: 'me', groups: [], extra: {} },
    object: { metadata, spec },
    ...changes,
  }
}

const handler = policyHandler()
const review = (spec: unknown, changes?: Partial<AdmissionRequest>): Verdict =>
  handler.review(requestOf(spec, changes)) as Verdict

const namespaced = { kind: 'TracingPolicyNamespaced', namespace: 'n' }

describe('the review of a policy', () => {
  it('admits a valid one, with its warnings', () => {
    assert.deepEqual(review(good), { allowed: true, warnings: [] })
    assert.deepEqual(review(good, namespaced), { allowed: true, warnings: [] })
    const { allowed, warnings = [] } = review({ ...good, options: [{ name: 'a', value: 'b' }] })
    assert.ok(allowed)
    assert.match(
      warnings.join(),
      /^TracingPolicy a: warning: .*\(spec\.options\[0\]\.name\) \[POLICY_/,
    )
  })

  it('refuses an invalid one with code, path and suggestion of each error', () => {
    const { allowed, message } = review(misspelt)
    assert.ok(!allowed)
    const [, first] = (message ?? '').split('\n')
    assert.match(
      first,
      /^TracingPolicy a: error: .*"call"\? \(spec\.kprobes\[0\]\.cal\) \[POLICY_UNKNOWN_FIELD\]$/,
    )
    const uprobes = [{ path: '/bin/true', symbols: ['main'] }]
    const refused = review({ ...good, uprobes }, namespaced)
    assert.match(refused.message ?? '', /^TracingPolicyNamespaced n\/a: error: .*uprobes/)
  })

  it('leaves to agents what depends on the kernel and on their options', () => {
    const nodeSelector = { matchLabels: { zone: 'a' } }
    const podSelector = { matchLabels: { app: 'a' } }
    const spec = { nodeSelector, podSelector, kprobes: [{ call: 'none', syscall: false }] }
    assert.deepEqual(review(spec), { allowed: true, warnings: [] })
  })

  it('keeps an invalid one that exists editable, unless its spec changes', () => {
    const oldObject = { metadata, spec: misspelt }
    const update = { operation: 'UPDATE', oldObject }
    const changed = {
      metadata: { ...metadata, finalizers: [], labels: { a: 'b' } },
      spec: misspelt,
    }
    assert.deepEqual(review(misspelt, { ...update, object: changed }), { allowed: true })
    const deleted = { ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' }
    const object = { metadata: deleted, spec: { kprobes: 5 } }
    assert.deepEqual(review(undefined, { ...update, object }), { allowed: true })
    assert.ok(review(good, update).allowed)
    assert.ok(!review({ ...misspelt, lists: [] }, update).allowed)
  })

  it('knows no names that the API server will make', () => {
    const object = { metadata: { generateName: 'a-' }, spec: good }
    assert.deepEqual(review(good, { name: '', object }), { allowed: true, warnings: [] })
  })

  it('ignores objects of other kinds', () => {
    assert.deepEqual(review(misspelt, { kind: 'Pod' }), { allowed: true })
  })

  it('takes objects of any content', () => {
    for (const spec of [
      null,
      undefined,
      5,
      'x',
      [],
      [[]],
      { kprobes: [null] },
      JSON.parse('{"__proto__": 1}'),
    ]) {
      const { allowed, message } = review(spec)
      assert.ok(!allowed, JSON.stringify(spec))
      assert.match(message ?? '', /\[POLICY_/)
    }
    for (const object of [{}, { metadata: null }, { metadata: 5 }, { metadata: { name: 5 } }]) {
      assert.equal(typeof review(undefined, { object, name: '' }).allowed, 'boolean')
    }
  })

  it('shortens what it says', () => {
    const many = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`x${i}`, 1]))
    const lines = (review({ ...good, ...many }).message ?? '').split('\n')
    assert.equal(lines.length, 21)
    assert.equal(lines.at(-1), 'and 70 more')
    const options = Array.from({ length: 40 }, (_, i) => ({
      name: `${i}${'x'.repeat(500)}`,
      value: '',
    }))
    const { warnings = [] } = review({ ...good, options })
    assert.equal(warnings.length, 16)
    assert.ok(warnings.every((each) => each.length <= 256 && !/[\x00-\x1f]/.test(each)))
    assert.match(warnings[0], /xxx… \(spec\.options\[0\]\.name\) \[POLICY_OPTION\]$/)
  })

  it('refuses to read what would take long, and admits it with a warning', () => {
    const values = Array.from({ length: 20_000 }, (_, i) => `${i}`)
    for (const lists of [['x'.repeat(1 << 16)], [{ name: 'a', type: 'syscalls', values }]]) {
      assert.throws(() => review({ ...good, lists }), ReviewTooLarge)
    }
    const { allowed, warnings = [] } = handler.unreviewed('it is large')
    assert.ok(allowed)
    assert.match(warnings[0], /^the policy was not validated: it is large/)
  })

  it('adds what nodes do not support, which is no reason to refuse it', async () => {
    const texts = Array.from({ length: 30 }, (_, i) => `the policy does not work on node n${i}`)
    let asked = 0
    const nodes = {
      warnings: async () => {
        asked++
        return texts
      },
    }
    const { allowed, warnings = [] } = await policyHandler(nodes).review(requestOf(good))
    assert.ok(allowed)
    assert.deepEqual(warnings, [...texts.slice(0, 15), 'and 15 more'])
    assert.ok(!(await policyHandler(nodes).review(requestOf(misspelt))).allowed)
    await policyHandler(nodes).review(requestOf(good, { oldObject: { spec: good } }))
    assert.equal(asked, 1, 'only for a valid policy that changes')
  })

  it('admits it if the checks for nodes fail, such as without memory for their process', async () => {
    const nodes = { warnings: () => Promise.reject(new Error('spawn ENOMEM')) }
    const { allowed, warnings } = await policyHandler(nodes).review(requestOf(good))
    assert.ok(allowed)
    assert.deepEqual(warnings, [
      'the policy was not checked for the kernels of nodes: spawn ENOMEM',
    ])
  })
})
