import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { runSteps } from '@tetragon-ts/ebpf/steps'
import { readPolicies } from '@tetragon-ts/policy'
import { describedKernel } from '../kernel-description/index.ts'
import { sampleDescription } from '../testing/index.ts'
import { listForKernel } from './list-policy.ts'

const btf = readFileSync('/sys/kernel/btf/vmlinux')
const kernel = describedKernel({ ...sampleDescription(['kprobe']), btf })

function list(hooks: string, bytesMax?: number) {
  const head = 'apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: p}\n'
  const { documents } = readPolicies(`${head}spec:\n  kprobes:\n${hooks}`, 'p.yaml')
  return runSteps(listForKernel(documents[0], kernel, bytesMax))
}

const hook = `  - call: vfs_read
    syscall: false
    args: [{index: 2, type: uint64}]
    selectors:
    - matchArgs: [{index: 2, operator: GreaterThan, values: ["100"]}]
`

test('programs for a described kernel name the fields that they implement', () => {
  const listing = list(hook)
  assert.deepEqual([listing?.name, listing?.file], ['p', 'p.yaml'])
  const [{ backend, programs = [] }] = listing?.hooks ?? []
  assert.equal(backend, 'kprobe')
  const fields = programs.flatMap(({ parts = [] }) => parts)
  const tested = fields.find(({ field }) => field?.endsWith('.matchArgs[0]'))
  assert.equal(tested?.line, 10)
  assert.ok(listing?.maps.some(({ name }) => name === 'tg_events'))
})

test('long programs are cut off, and count what is omitted', () => {
  const [{ programs = [] }] = list(hook, 100)?.hooks ?? []
  const [{ parts = [], omitted_instructions = 0 }] = programs
  const text = parts.flatMap(({ instructions = [] }) => instructions).join('')
  assert.ok(text.length <= 100)
  assert.ok(omitted_instructions > 0)
})

test('a policy that does not work on a kernel has no programs', () => {
  assert.equal(list('  - {call: missing_function, syscall: false}\n'), undefined)
})
