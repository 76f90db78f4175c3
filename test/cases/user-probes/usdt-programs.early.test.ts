import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { PolicyRun } from '@tetragon-ts/agent/testing'

/** Debian's, which has static probes. */
const python = '/usr/bin/python3'

describe('static probes of real programs', () => {
  let run: PolicyRun
  before(async () => {
    run = await PolicyRun.start()
  })
  after(() => run?.stop())

  it('show what Python audits, imports and collects', async () => {
    const policy = await run.loadAttached(`
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: python
spec:
  usdts:
  - path: ${python}
    provider: python
    name: audit
    args: [{index: 0, type: string}]
    selectors:
    - matchArgs: [{index: 0, operator: Prefix, values: [probed.]}]
  - path: ${python}
    provider: python
    name: import__find__load__start
    args: [{index: 0, type: string}]
    selectors:
    - matchArgs: [{index: 0, operator: Equal, values: [colorsys]}]
  - path: ${python}
    provider: python
    name: gc__start
    args: [{index: 0, type: int}]
    selectors:
    - matchArgs: [{index: 0, operator: Equal, values: ["2"]}]
`)
    try {
      const script = 'import gc, sys; sys.audit("probed.event"); import colorsys; gc.collect()'
      const events = await run.finish(run.spawn(python, ['-S', '-E', '-c', script]))
      const shown = events.map(({ body: { name }, args }) => [name, args[0]])
      // Python itself collects when it ends.
      assert.deepEqual(shown.slice(0, 3), [
        ['audit', { string_arg: 'probed.event' }],
        ['import__find__load__start', { string_arg: 'colorsys' }],
        ['gc__start', { int_arg: 2 }],
      ])
    } finally {
      await run.unload(policy)
    }
  })
})
