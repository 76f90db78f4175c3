import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { bytesSource, ElfFile } from '@tetragon-ts/ebpf/elf'
import { buildElf, note, probeSection, symbolSections } from '@tetragon-ts/ebpf/elf/testing'
import { readPolicies } from '@tetragon-ts/policy'
import { runTetra } from '../../../testing/run-tetra.ts'
import { declaredFunctions } from './kernel-functions.ts'
import { policyText } from './policy-text.ts'
import { uprobeHooks } from './uprobe-hooks.ts'
import { usdtHooks } from './usdt-hooks.ts'

const folder = mkdtempSync(join(tmpdir(), 'tetra-generate-'))
after(() => rmSync(folder, { recursive: true }))
const binary = join(folder, 'My Program_1.2')
const probes = probeSection([{ provider: 'app', name: 'start', arguments: '-4@%edi 8@%rsi' }])
writeFileSync(binary, buildElf({ sections: [...symbolSections([{ name: 'main' }]), probes] }))
const stripped = join(folder, 'stripped')
writeFileSync(stripped, buildElf({ sections: [] }))

async function generated(...argv: string[]) {
  const { policy, diagnostics } = await generatedWithDiagnostics(...argv)
  assert.deepEqual(diagnostics, [])
  return policy
}

async function generatedWithDiagnostics(...argv: string[]) {
  const { out, err, code } = await runTetra(['tracingpolicy', 'generate', ...argv])
  assert.deepEqual([err, code], ['', 0])
  const { documents, diagnostics } = readPolicies(out, 'generated.yaml')
  assert.equal(documents.length, 1)
  return { policy: documents[0].policy, diagnostics }
}

test('an empty policy is a template: without a hook it has no effect', async () => {
  const { policy, diagnostics } = await generatedWithDiagnostics('empty')
  assert.equal(policy.hooks.length, 0)
  assert.deepEqual(
    diagnostics.map(({ severity, code }) => [severity, code]),
    [['warning', 'POLICY_IGNORED']],
  )
})

test('generated policies are valid', async () => {
  const all = await generated('all-syscalls', '-m', '/bin/a,/bin/b')
  assert.ok(all.hooks.length > 300)
  assert.deepEqual(all.hooks[0].selectors[0].binaries[0].values, ['/bin/a', '/bin/b'])
  const list = await generated('all-syscalls-list')
  assert.equal(list.hooks.length, 1)
  const uprobes = await generated('uprobes', '-b', binary, '--match-binary', '/bin/a')
  assert.equal(uprobes.name, 'uprobes-my-program-1-2')
  const usdts = await generated('usdts', '-b', binary)
  assert.equal(usdts.hooks.length, 1)
  assert.deepEqual(
    usdts.hooks[0].args.map(({ index, type }) => [index, type]),
    [
      [0, 'sint32'],
      [1, 'uint64'],
    ],
  )
})

test('policies that cannot be generated are errors', async () => {
  const cases: [string[], RegExp, number][] = [
    [['uprobes'], /--binary is missing/, 2],
    [['uprobes', '-b', '/nowhere'], /read binary \/nowhere: .*ENOENT/, 1],
    [['uprobes', '-b', folder], /read binary .*: not a regular file/, 1],
    [['uprobes', '-b', stripped], /it is stripped/, 1],
    [['usdts', '-b', stripped], /no static probes/, 1],
    [['ftrace-list', '-r', '('], /parse --regex: .*missing \)/, 2],
    [['emtpy'], /unknown command "emtpy"; did you mean "empty"/, 2],
  ]
  for (const [argv, message, code] of cases) {
    const outcome = await runTetra(['tp', 'generate', ...argv])
    assert.match(outcome.err, message)
    assert.deepEqual([outcome.out, outcome.code], ['', code])
  }
})

test('functions that the compiler refuses are omitted, those of debug files have offsets', async () => {
  const id = { name: '.note.gnu.build-id', type: 7, bytes: note('GNU', 3, Buffer.alloc(20, 7)) }
  const symbols = [
    { name: 'main', address: 0x40_0000 },
    { name: 'chosen', address: 0x40_0008, type: 10 },
  ]
  const internal = { name: 'inner\nspec: {}', address: 0x40_0010 }
  const elsewhere = { name: 'elsewhere', address: 0x10 }
  const program = bytesSource(buildElf({ sections: [id, ...symbolSections(symbols)] }))
  const all = symbolSections([...symbols, internal, elsewhere])
  const debug = bytesSource(buildElf({ sections: [id, ...all] }))
  const file = ElfFile.read(program)
  const found = uprobeHooks('/a', file, () => ({ source: debug, close: () => {} }))
  assert.deepEqual(found.hooks, [
    { path: '/a', symbols: ['main'] },
    { path: '/a', offsets: [0x10] },
  ])
  const text = await policyText('a', { uprobes: found.hooks }, { ofNumbers: found.names })
  assert.match(text, /- 16 # inner\S*spec: \{\}\n/)
  assert.deepEqual(uprobeHooks('/a', file, () => undefined).hooks, found.hooks.slice(0, 1))
})

test('arguments of static probes that a policy cannot have are reported', async () => {
  const section = probeSection([
    { provider: 'app', name: 'many', arguments: Array(14).fill('4@%edi').join(' ') },
    { provider: 'app', name: 'some', arguments: '4@%edi 8@%xmm0 4@%esi' },
  ])
  const path = join(folder, 'probes')
  writeFileSync(path, buildElf({ sections: [section] }))
  const { hooks } = await generated('usdts', '-b', path)
  assert.deepEqual(
    hooks.map(({ args }) => args.map(({ index }) => index)),
    [[...Array(12).keys()], [0, 2]],
  )
  using file = ElfFile.open(path)
  assert.deepEqual(usdtHooks(path, file.usdtProbes(), 12).omitted, [
    'app/many: arguments 12, 13',
    'app/some: arguments 1',
  ])
})

test('compiler-generated functions are omitted', () => {
  const symbols =
    'ffffffff81000000 T tcp_connect\n0000000000000000 t __pfx_x\nffffffff81000010 D data\n' +
    'ffffffffc0000000 t nf_hook\t[nf_tables]\nffffffff81000000 t foo.isra.0\n'
  assert.deepEqual(declaredFunctions(symbols), ['tcp_connect', 'nf_hook'])
})
