import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { PolicyRun } from '@tetragon-ts/agent/testing'
import { workload } from '@tetragon-ts/test/workloads'

const policy = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: content
spec:
  kprobes:
  - call: sys_lseek
    syscall: true
    args: [{index: 0, type: int}]
    selectors:
    - matchArgs: [{index: 0, operator: Equal, values: ["-1"]}]
      matchActions: [{action: Post, kernelStackTrace: true}]
`

let run: PolicyRun
let trigger: string
before(async () => {
  trigger = await workload('trigger')
  const ancestors = ['--enable-ancestors', 'base,kprobe,tracepoint']
  run = await PolicyRun.start('--enable-process-cred', '--expose-stack-addresses', ...ancestors)
  await run.load(policy)
})
after(() => run?.stop())

/** Lets the shell run the workload; returns the events. */
async function post(script: string) {
  const started = run.spawn('/bin/sh', ['-c', script, 'sh', trigger])
  const [event] = await run.finish(started)
  return { pid: started.pid, body: event.body }
}

describe('events of policies', () => {
  it('include credentials and ancestors', async () => {
    const { pid, body } = await post('/bin/sh -c \'"$0" try lseek -1 5 0; true\' "$1"; true')
    assert.equal(body.process?.process_credentials?.uid, 0)
    assert.ok(body.process?.cap?.effective?.includes('CAP_SYS_ADMIN'))
    assert.equal(body.ancestors?.[0].exec_id, body.parent?.parent_exec_id)
    assert.deepEqual(
      body.ancestors?.slice(0, 2).map((each) => each.pid),
      [pid, process.pid],
    )
  })

  it('of a process that replaced its image include the ancestors of that image', async () => {
    const { body } = await post('/bin/sh -c \'exec "$0" try lseek -1 5 0\' "$1"; true')
    assert.equal(body.parent?.pid, body.process?.pid)
    assert.ok(body.ancestors?.some((each) => each.pid === process.pid))
  })

  it('include addresses in stacks', async () => {
    const { body } = await post('"$1" try lseek -1 5 0')
    const symbols = readFileSync('/proc/kallsyms', 'latin1')
    const stack = body.kernel_stack_trace ?? []
    assert.ok(stack.length > 0)
    for (const { address, offset, symbol, module } of stack) {
      if (!symbol || module) continue
      const start = BigInt(address ?? 0) - BigInt(offset ?? 0)
      assert.ok(symbols.includes(`${start.toString(16)} `), `${symbol} ${address} ${offset}`)
    }
  })
})
