import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { elfWithProbes } from '@tetragon-ts/ebpf/elf/testing'
import { readPolicies } from '@tetragon-ts/policy'
import { runTetra } from '../../../testing/run-tetra.ts'
import { declaredFunctions } from './kernel-functions.ts'

const folder = mkdtempSync(join(tmpdir(), 'tetra-generate-'))
after(() => rmSync(folder, { recursive: true }))
const binary = join(folder, 'My Program_1.2')
writeFileSync(
  binary,
  elfWithProbes(64, [{ name: 'main', isDefined: true }], [{ provider: 'app', name: 'start' }]),
)
const stripped = join(folder, 'stripped')
writeFileSync(stripped, elfWithProbes(64, [], []))

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
})

test('policies that cannot be generated are errors', async () => {
  const cases: [string[], RegExp, number][] = [
    [['uprobes'], /--binary is missing/, 2],
    [['uprobes', '-b', '/nowhere'], /read binary \/nowhere: ENOENT/, 1],
    [['uprobes', '-b', folder], /read binary .*EISDIR/, 1],
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

test('compiler-generated functions are omitted', () => {
  const symbols =
    'ffffffff81000000 T tcp_connect\n0000000000000000 t __pfx_x\nffffffff81000010 D data\n' +
    'ffffffffc0000000 t nf_hook\t[nf_tables]\nffffffff81000000 t foo.isra.0\n'
  assert.deepEqual(declaredFunctions(symbols), ['tcp_connect', 'nf_hook'])
})
