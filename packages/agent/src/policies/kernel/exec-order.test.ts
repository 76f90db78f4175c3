import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readPolicies } from '@tetragon-ts/policy'
import { findOrderConflict, type PlacedPolicy } from './exec-order.ts'

function policy(name: string, spec: string, backend = 'tp_btf'): PlacedPolicy {
  const text = `{apiVersion: cilium.io/v1alpha1, kind: TracingPolicy, metadata: {name: ${name}}`
  const { documents, diagnostics } = readPolicies(`${text}, spec: {${spec}}}`, 'p.yaml')
  assert.deepEqual(diagnostics, [])
  const [document] = documents
  const hooks = document.policy.hooks.map((hook) => ({ planned: { hook, plan: { backend } } }))
  return { document, hooks }
}

const atExec = (raw: boolean): string =>
  `tracepoints: [{subsystem: sched, event: sched_process_exec, raw: ${raw}}]`
const filter = policy('filter', 'processes: [{selectors: [{matchActions: [{action: NoPost}]}]}]')
const event = policy('event', atExec(false), 'tracepoint')
const typed = policy('typed', atExec(false))
const raw = policy('raw', atExec(true))

describe('process filters and hooks of execs', () => {
  it('exclude each other where the hook uses the trace event', () => {
    const message = (first: PlacedPolicy, second: PlacedPolicy): string | undefined =>
      findOrderConflict(second, [raw, typed, first])?.message
    const why = 'the hook would see the program before the exec; set raw: true'
    assert.equal(message(event, filter), `policy event hooks sched/sched_process_exec: ${why}`)
    assert.equal(message(filter, event), `policy filter filters process events: ${why}`)
  })

  it('are allowed where the hook is at the raw tracepoint', () => {
    assert.equal(findOrderConflict(typed, [filter]), undefined)
    assert.equal(findOrderConflict(filter, [typed]), undefined)
    assert.equal(findOrderConflict(filter, [raw, filter]), undefined)
    assert.equal(findOrderConflict(raw, [filter]), undefined)
    assert.equal(findOrderConflict(event, [event, raw]), undefined)
  })
})
