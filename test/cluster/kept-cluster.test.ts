import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { describe, it } from 'node:test'
import { EndOfUse, usageOf } from './kept-cluster.ts'

const address = { folder: '/run/test-cluster', pid: 12, programs: '/usr/lib/test-cluster' }
const kubeconfig = 'KUBECONFIG=/run/test-cluster/node/etc/kubernetes/admin.conf'
const nothing = () => {}

describe('a cluster that is kept', () => {
  it('is described by its kubeconfig file, its commands and its end', () => {
    const lines = usageOf(address).split('\n')
    assert.ok(lines.includes(kubeconfig))
    assert.ok(
      lines.includes(
        `  nsenter --target 12 --net -- env ${kubeconfig} HOME=/run/test-cluster/home PATH=/usr/lib/test-cluster/bin:$PATH bash`,
      ),
    )
    assert.ok(lines.includes('  nsenter --target 12 --net --mount --pid --uts --ipc -- bash'))
    assert.match(lines.at(-1)!, /^Ctrl-C ends/)
  })

  it('has no shell on a node that is a virtual machine', () => {
    const virtual = { kernel: '6.12', mailbox: '/x', slowness: 1 }
    assert.doesNotMatch(usageOf({ ...address, virtual }), /shell on the node/)
  })

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    it(`ends after ${signal}, also before the start has ended`, async () => {
      const signals = new EventEmitter()
      const end = new EndOfUse(signals)
      signals.emit(signal)
      await end.wait(nothing)
      assert.equal(signals.listenerCount(signal), 1, 'a second one does not end the process')
    })
  }

  it('ends with an error when a program of it has ended', async () => {
    const fail = () => {
      throw new Error('run etcd: it has ended')
    }
    await assert.rejects(new EndOfUse(new EventEmitter()).wait(fail, 1), /run etcd/)
  })
})
