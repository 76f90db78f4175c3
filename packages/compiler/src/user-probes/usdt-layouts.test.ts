import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UsdtArgument, UsdtProbe } from '@tetragon-ts/ebpf/elf'
import { type Hook, readPolicies } from '@tetragon-ts/policy'
import { describedFile } from '../testing/index.ts'
import { layOut } from './usdt-layouts.ts'
import { usdtLocator } from './usdt-locator.ts'
import type { UserFile } from './user-file.ts'

const text = (args: string) => `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: test}
spec:
  usdts:
  - {path: /bin/a, provider: p, name: n, ${args}}
`

function hookWith(args: string): Hook {
  const [document] = readPolicies(text(args), 'test.yaml').documents
  return document.policy.hooks[0]
}

function register(name: string, size: UsdtArgument['size'] = 4): UsdtArgument {
  return { size, signed: true, kind: 'register', register: name, shift: 0 }
}
const [first, second] = process.arch === 'arm64' ? ['x0', 'x1'] : ['rax', 'rdx']
const variable: UsdtArgument = {
  size: 4,
  signed: false,
  kind: 'memory',
  register: first,
  displacement: -8,
}

/** A file with places of a probe, at 0x100, 0x200 and so on. */
function fileWith(...places: readonly (readonly UsdtArgument[])[]): UserFile {
  const other = { provider: 'p', name: 'other', address: 0, offset: 0, arguments: [] }
  const probes = places.map((list, i): UsdtProbe => {
    const at = 0x100 * (i + 1)
    return { provider: 'p', name: 'n', address: at, offset: at, arguments: list }
  })
  return describedFile({ usdtProbes: [other, ...probes] })
}

test('places have the same layout if the arguments that the hook uses are in the same places', () => {
  const file = fileWith(
    [register(first), register(second)],
    [register(first), register(first)],
    [register(second), register(first)],
    [register(first, 8), register(first)],
  )
  const keys = (args: string) => layOut(hookWith(args), file).map(({ layout }) => layout?.key)
  const [a, b, c, d] = keys('args: [{index: 0}]')
  assert.equal(a, b)
  assert.equal(new Set([a, c, d]).size, 3)
  assert.equal(new Set(keys('args: []')).size, 1)
  const sized = keys('args: [{index: 0, type: char_buf, sizeArgIndex: 2}]')
  assert.equal(new Set(sized).size, 4)
})

test('a hook that uses what a place does not have', () => {
  const set = (index: number) =>
    `selectors: [{matchActions: [{action: Set, argIndex: ${index}, argValue: 1}]}]`
  const unknown: UsdtArgument = { size: 8, signed: false, kind: 'unknown', text: '8@%xmm0' }
  const file = fileWith([register(first), unknown, variable, { ...variable, size: 8 }])
  const problem = (args: string) => {
    const [{ problem }] = layOut(hookWith(args), file)
    return problem && `${problem.path} ${problem.code}: ${problem.message}`
  }
  const hook = 'spec.usdts[0]'
  assert.equal(
    problem('args: [{index: 4}]'),
    `${hook}.args[0].index POLICY_INDEX: no argument 4: p/n at 0x100 has 4`,
  )
  assert.equal(
    problem('args: [{index: 1}]'),
    `${hook}.args[0].index POLICY_ARGUMENT: argument 1 of p/n at 0x100 is 8@%xmm0, which cannot be read`,
  )
  assert.match(problem(set(0)) ?? '', /argIndex POLICY_ACTION: .* argument 0 .* is a register$/)
  assert.match(problem(set(3)) ?? '', /argument 3 .* is 8 bytes in memory$/)
  assert.equal(problem(set(2)), undefined)
})

test('a file has a limited number of layouts', () => {
  const places = Array.from({ length: 100 }, (_, i) => [{ ...variable, displacement: i % 70 }])
  const laidOut = layOut(hookWith('args: [{index: 0}]'), fileWith(...places))
  assert.equal(new Set(laidOut.flatMap(({ layout }) => layout?.key ?? [])).size, 64)
  // Places with one of the first layouts are probed, also behind the others.
  assert.equal(laidOut.filter(({ layout }) => layout).length, 94)
  assert.match(laidOut[64].problem?.message ?? '', /p\/n are in more than 64 different locations/)
})

test('a place with another layout is new, unless the policy has a program for it', () => {
  const hook = hookWith('args: [{index: 0}]')
  const file = fileWith([register(first)], [variable], [])
  const [a, b] = layOut(hook, file).map(({ layout }) => layout)
  assert.ok(a && b)
  const locator = usdtLocator(hook, a, new Set([a.key]))
  assert.deepEqual(locator.find(file), [{ offset: 0x100, counterOffset: undefined }])
  const problems = ['no argument 0: p/n at 0x300 has 0']
  assert.deepEqual(locator.others?.(file), { areNew: true, problems })
  const both = usdtLocator(hook, a, new Set([a.key, b.key]))
  assert.deepEqual(both.others?.(file), { areNew: false, problems })
  const waiting = usdtLocator(hook, undefined, new Set())
  assert.deepEqual(waiting.find(file), [])
  assert.equal(waiting.others?.(file)?.areNew, true)
  assert.equal(waiting.others?.(fileWith()), undefined)
})
