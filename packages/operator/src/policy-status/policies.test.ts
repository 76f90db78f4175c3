import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { KubeObject } from '@tetragon-ts/kubernetes'
import { policyKinds } from '@tetragon-ts/policy'
import { readPolicy, WatchedPolicies } from './policies.ts'

it('a list of one kind removes no policies of the other kind', () => {
  const [cluster, namespaced] = policyKinds
  // A namespace may have the name of a resource.
  const metadata = { name: 'p', namespace: cluster.plural, uid: 'u', generation: 1 }
  const policy = readPolicy(namespaced, { metadata } as KubeObject)!
  const policies = new WatchedPolicies()
  policies.replace(namespaced, [policy])
  assert.deepEqual(policies.replace(cluster, []), [])
  assert.equal(policies.keyOf(policy.ref), policy.key)
  assert.deepEqual(policies.replace(namespaced, []), [policy.key])
  assert.equal(policies.size, 0)
})
