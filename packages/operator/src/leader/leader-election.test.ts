import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { FakeApiServer } from '@tetragon-ts/kubernetes/testing'
import { until } from '../testing/until.ts'
import { LeaderElection, leaseName } from './leader-election.ts'

const resource = '/apis/coordination.k8s.io/v1/leases'
const key = `ns/${leaseName}`
/** Long enough for a busy machine: no replica takes over from a running leader. */
const slow = { lease: 60_000, renew: 30_000, retry: 5 }
const quick = { lease: 60, renew: 40, retry: 5 }

describe('the election of a leader', () => {
  let server: FakeApiServer
  let end: AbortController
  let errors: Error[]
  beforeEach(async () => {
    server = await FakeApiServer.start()
    end = new AbortController()
    errors = []
  })
  afterEach(() => {
    end.abort()
    server.close()
  })

  const replica = (name: string, ms = slow) =>
    new LeaderElection(
      server.client(),
      name,
      { namespace: 'ns', ms },
      { failed: (error) => errors.push(error), succeeded: () => {} },
    )
  const lease = () => server.get(resource, key)?.spec as Record<string, unknown> | undefined
  const put = (spec: unknown) => server.put(resource, key, { metadata: { name: leaseName }, spec })

  it('has one winner among many, who renews the Lease', async () => {
    const won: string[] = []
    for (const name of ['a', 'b', 'c', 'd']) {
      void replica(name)
        .acquire(end.signal)
        .then((term) => term && won.push(name))
    }
    await until(() => won.length > 0)
    const renewed = lease()?.renewTime
    await until(() => lease()?.renewTime !== renewed)
    assert.equal(won.length, 1)
    assert.equal(lease()?.holderIdentity, won[0])
    assert.equal(lease()?.leaseDurationSeconds, 60)
    assert.equal(lease()?.leaseTransitions, 0)
    assert.match(String(renewed), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  })

  it('passes to another replica when the leader is gone', async () => {
    const killed = new AbortController()
    const first = await replica('a', quick).acquire(killed.signal)
    assert.ok(first)
    // The process ends without a word.
    killed.abort()
    put({ ...lease(), leaseDurationSeconds: 1 })
    const started = performance.now()
    assert.ok(await replica('b', quick).acquire(end.signal))
    assert.ok(performance.now() - started >= 1000)
    assert.equal(lease()?.holderIdentity, 'b')
    assert.equal(lease()?.leaseTransitions, 1)
  })

  it('passes immediately when the leader releases the Lease', async () => {
    const first = new AbortController()
    const election = replica('a')
    await election.acquire(first.signal)
    first.abort()
    await election.release()
    assert.equal(lease()?.holderIdentity, '')
    assert.ok(await replica('b').acquire(end.signal))
    // A Lease of another replica is not released.
    await election.release()
    assert.equal(lease()?.holderIdentity, 'b')
  })

  it('ends the term of a leader that cannot renew in time, before others take over', async () => {
    // A busy machine takes longer than a quick renewal to hear that it failed.
    const term = await replica('a', { ...quick, lease: 60_000, renew: 1000 }).acquire(end.signal)
    const version = server.get(resource, key)?.metadata.resourceVersion
    assert.ok(term && version)
    server.intercept = () => 500
    await until(() => term.aborted)
    assert.ok(errors.length > 0)
    assert.match(errors[0].message, /^500 /)
  })

  it('ends the term of a leader whose Lease someone else took', async () => {
    const term = await replica('a').acquire(end.signal)
    put({ holderIdentity: 'z', leaseDurationSeconds: 60 })
    await until(() => term!.aborted)
    assert.equal(lease()?.holderIdentity, 'z')
  })

  it('continues with a Lease of any content, and after it was deleted', async () => {
    for (const odd of [
      undefined,
      7,
      { holderIdentity: 5, leaseDurationSeconds: 'x', leaseTransitions: 1e99 },
      { holderIdentity: '', leaseDurationSeconds: -1, renewTime: {} },
    ]) {
      put(odd)
      const stop = new AbortController()
      assert.ok(await replica('a').acquire(stop.signal))
      assert.equal(lease()?.holderIdentity, 'a')
      server.delete(resource, { metadata: { namespace: 'ns', name: leaseName } })
      await until(() => lease() !== undefined)
      stop.abort()
    }
  })

  it('tries again while the API server refuses', async () => {
    let refusals = 0
    server.intercept = () => (++refusals < 5 ? 403 : undefined)
    assert.ok(await replica('a').acquire(end.signal))
    assert.match(errors[0].message, /^403 /)
  })

  it('ends with the signal', async () => {
    put({ holderIdentity: 'z', leaseDurationSeconds: 3600 })
    const acquired = replica('a').acquire(end.signal)
    await until(() => server.requests.length > 1)
    end.abort()
    assert.equal(await acquired, undefined)
  })
})
