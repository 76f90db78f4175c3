import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { it } from 'node:test'

/** Plans a policy for a described kernel, and prints the result and the add-ons that it loaded. */
const program = String.raw`
const { compilePolicy } = await import('./index.js')
await import('@tetragon-ts/ebpf/lang')
const { describedKernel } = await import('./testing/described-kernel.js')
const { documentOf } = await import('./testing/policy-of.js')
const kernel = describedKernel({ functions: { tcp_close: ['sk'] }, supports: ['kprobe'] })
const spec = 'kprobes:\n- {call: tcp_close, syscall: false, args: [{index: 0, type: uint64}]}'
const numbers = { policyId: 1, nextHookId: () => 1, workloads: () => 0 }
const { compiled, diagnostics } = compilePolicy(documentOf(spec), kernel, numbers)
const [{ programs, planned }] = compiled.hooks
const { sharedObjects } = process.report.getReport()
console.log(JSON.stringify({
  diagnostics, programs: programs.length, backend: planned.plan.backend,
  addons: sharedObjects.filter((path) => path.endsWith('.node')),
}))
`

it('the compiler plans for a described kernel without the FFI', () => {
  const args = ['--input-type=module', '-e', program]
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  })
  assert.equal(stderr, '')
  const planned = { diagnostics: [], programs: 1, backend: 'kprobe', addons: [] }
  assert.deepEqual(JSON.parse(stdout), planned)
})
