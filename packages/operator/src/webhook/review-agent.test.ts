import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import { readReview } from './admission.ts'
import { kernelHandler, reportHandler } from './review-agent.ts'

const agent = 'system:serviceaccount:kube-system:tetragon'
const account = { namespace: 'kube-system', name: 'tetragon' }
const handler = reportHandler(account)

/** @param pod of the token */
function verdictOf(username: string, name: string, pod?: unknown, object: object = {}) {
  const extra = pod === undefined ? {} : { 'authentication.kubernetes.io/pod-name': pod }
  const request = { uid: 'u', operation: 'UPDATE', name, userInfo: { username, extra }, object }
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }
  return handler.review(readReview(JSON.stringify(review)))
}

describe('the review of reports', () => {
  it('admits the report of the own pod only', () => {
    assert.deepEqual(verdictOf(agent, 'tetragon-a', ['tetragon-a']), { allowed: true })
    const { allowed, message } = verdictOf(agent, 'tetragon-b', ['tetragon-a'])
    assert.equal(allowed, false)
    assert.match(message ?? '', /only the report with the name of its pod: that is tetragon-a/)
  })

  it('refuses tokens without a pod, and odd ones', () => {
    for (const pod of [undefined, [], [5], 'tetragon-a', [''], ['other', 'tetragon-a']]) {
      assert.equal(verdictOf(agent, 'tetragon-a', pod).allowed, false, JSON.stringify(pod))
    }
    const generated = { metadata: { generateName: 'tetragon-' } }
    assert.equal(verdictOf(agent, '', ['tetragon-a'], generated).allowed, false)
    assert.equal(verdictOf(agent, '', [''], generated).allowed, false)
    const named = { metadata: { name: 'tetragon-a' } }
    assert.equal(verdictOf(agent, '', ['tetragon-a'], named).allowed, true)
  })

  it('does not concern other accounts: RBAC decides about them', () => {
    for (const user of ['admin', 'system:serviceaccount:default:tetragon', `${agent}x`]) {
      assert.deepEqual(verdictOf(user, 'tetragon-b'), { allowed: true })
    }
  })

  it('refuses what it cannot read', () => {
    assert.equal(handler.unreviewed('too large').allowed, false)
  })
})

const asked = (pod: string) => ({ spec: { hash: 'h', pod } })

/** @param pod of the token */
function isAllowed(username: string, pod: string, oldObject: object, object = oldObject): boolean {
  const extra = { 'authentication.kubernetes.io/pod-name': [pod] }
  const request = {
    uid: 'u',
    operation: 'UPDATE',
    userInfo: { username, extra },
    object,
    oldObject,
  }
  const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request }
  return kernelHandler(account).review(readReview(JSON.stringify(review))).allowed
}

test('an agent may write the description that its pod was asked for, and no other', () => {
  assert.ok(isAllowed(agent, 'a', asked('a')))
  assert.ok(!isAllowed(agent, 'a', asked('b')))
  assert.ok(!isAllowed(agent, 'a', asked('b'), asked('a')), 'it cannot ask itself')
  assert.ok(!isAllowed(agent, '', {}, asked('a')))
  assert.ok(isAllowed('system:serviceaccount:kube-system:operator', 'o', {}, asked('a')))
})
