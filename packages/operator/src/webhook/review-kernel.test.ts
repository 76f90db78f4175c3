import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readReview } from './admission.ts'
import { kernelHandler } from './review-kernel.ts'

const agent = 'system:serviceaccount:kube-system:tetragon'
const handler = kernelHandler({ namespace: 'kube-system', name: 'tetragon' })
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
  return handler.review(readReview(JSON.stringify(review))).allowed
}

test('an agent may write the description that its pod was asked for, and no other', () => {
  assert.ok(isAllowed(agent, 'a', asked('a')))
  assert.ok(!isAllowed(agent, 'a', asked('b')))
  assert.ok(!isAllowed(agent, 'a', asked('b'), asked('a')), 'it cannot ask itself')
  assert.ok(!isAllowed(agent, '', {}, asked('a')))
  assert.ok(isAllowed('system:serviceaccount:kube-system:operator', 'o', {}, asked('a')))
})
