import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TracepointField } from '@tetragon-ts/ebpf/lang'
import type { KernelView, ProgramKind } from '../hook-plans/kernel-view.ts'
import { RuledOut } from '../plan/choose-backends.ts'
import { describedKernel, documentOf } from '../testing/index.ts'
import { placeHook } from './place-hook.ts'

const names = ['common_type', 'common_flags', 'common_preempt_count', 'common_pid']

function place(supports: readonly ProgramKind[], selector: string, fields = ['filename', 'pid']) {
  const document = documentOf(`
tracepoints:
- subsystem: sched
  event: sched_process_exec
  args: [{index: 4, type: string}]
  selectors: [{${selector}, matchActions: [{action: Sigkill}]}]`)
  const kernel: KernelView = {
    ...describedKernel({
      functions: {},
      tracepoints: { sched_process_exec: ['p', 'old_pid', 'bprm'] },
      supports,
    }),
    tracepointFields: () => [...names, ...fields].map((name) => ({ name }) as TracepointField),
  }
  const [hook] = document.policy.hooks
  const functions = [{ shown: hook.call, symbol: 'sched_process_exec' }]
  const { groups, diagnostics } = placeHook(hook, functions, document, kernel, new RuledOut())
  return [groups[0].plan?.backend, diagnostics.map(({ message }) => message).join()]
}

const all: readonly ProgramKind[] = ['tp_btf', 'tracepoint']
const words = 'matchCmdArgs: [{operator: Equal, values: [a]}]'
const number = 'matchArgs: [{index: 4, operator: Equal, values: [a]}]'

describe('sched/sched_process_exec with the fields of its record', () => {
  it('has programs that can follow those of process sets', () => {
    assert.deepEqual(place(all, words), ['tp_btf', ''])
    assert.deepEqual(place(all, number), ['tp_btf', ''])
  })

  it('uses the trace event for fields that arguments do not have', () => {
    assert.deepEqual(place(all, number, ['new_field', 'filename']), ['tracepoint', ''])
  })

  it('is refused on a kernel where conditions would be about the program before the exec', () => {
    assert.deepEqual(place(['tracepoint'], number), ['tracepoint', ''])
    const [backend, message] = place(['tracepoint'], words)
    assert.equal(backend, undefined)
    assert.match(message ?? '', /tp_btf: no tp_btf; /)
    assert.match(message ?? '', /still the one before the exec: matchCmdArgs cannot be tested/)
  })
})
