import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { lackingIma } from '@tetragon-ts/compiler'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { PolicyRun } from '../../testing/index.ts'

const policy = `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: hashed
spec:
  lsmhooks:
  - hook: bprm_check_security
    args: [{index: 0, type: linux_binprm}]
    selectors:
    - matchArgs: [{index: 0, operator: Equal, values: ["/usr/bin/true"]}]
      matchActions: [{action: Post, imaHash: true}]
`

describe('the hash that IMA has of a file', () => {
  let run: PolicyRun
  before(async () => {
    run = await PolicyRun.start()
  })
  after(() => run?.stop())

  it('is in the event, or a warning has the reason', async () => {
    const { compiled } = await run.load(policy)
    const events = await run.finish(run.spawn('/usr/bin/true', []))
    const hashes = events.map(({ body }) => 'ima_hash' in body)
    const [{ planned }] = compiled.hooks
    const can = planned.plan.backend === 'lsm' && lackingIma(Btf.open()) === undefined
    assert.deepEqual(hashes, [can])
    const told = compiled.warnings.map(({ path, message }) => `${path}: ${message}`)
    assert.equal(told.length, can ? 0 : 1)
    if (can) return
    const beginning =
      'spec.lsmhooks[0].selectors[0].matchActions[0].imaHash: events have no ima_hash: '
    assert.ok(told[0].startsWith(beginning), told[0])
  })
})
