// Describes the kernel once, with a module that virtual machines load at boot: an emulated
// processor takes half a minute. The host has no modules, and 5.10 no types of them.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { guestKernel, isFullRun } from '@tetragon-ts/agent/testing'
import {
  checkPolicy,
  type DescribedKernel,
  decodeKernel,
  describedKernel,
} from '@tetragon-ts/compiler/kernel-description'
import { readPolicies } from '@tetragon-ts/policy'
import { repositoryRoot } from '../../vm/repository.ts'

const agent = join(repositoryRoot, 'packages/agent/bin/tetragon.js')
const module = 'overlay'
/** Reads a member of a structure that only the module has. */
const layers = {
  call: 'ovl_fill_super',
  syscall: false,
  args: [
    { index: 0, type: 'uint64', btfType: 'ovl_fs', btfTypeModule: module, resolve: 'numlayer' },
  ],
}

const folder = mkdtempSync(join(tmpdir(), 'module-types-'))
after(() => rmSync(folder, { recursive: true }))

/** What is wrong with a policy on a kernel. */
function problemsOf(kernel: DescribedKernel): string {
  const document = JSON.stringify({
    apiVersion: 'cilium.io/v1alpha1',
    kind: 'TracingPolicy',
    metadata: { name: 'layers' },
    spec: { kprobes: [layers] },
  })
  const { documents, diagnostics } = readPolicies(document, 'layers.json')
  assert.deepEqual(diagnostics, [])
  const { hooks, problems } = checkPolicy(documents[0], kernel)
  const all = [...hooks.flatMap((hook) => hook.problems), ...problems]
  return all.map(({ message }) => message).join('\n')
}

const skip =
  (guestKernel === '7' && !isFullRun && '6.1 shows it') ||
  (!existsSync(`/sys/kernel/btf/${module}`) && `this kernel has no types of ${module}`)

it('a description has the types and functions of a module on request', { skip }, async () => {
  const file = join(folder, 'with.kernel')
  const args = [agent, 'kernel', 'describe', '--module', module, '-o', file]
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  const bytes = readFileSync(file)
  assert.ok(bytes.length <= 3_000_000, `${bytes.length} bytes`)
  const description = await decodeKernel(bytes)
  assert.deepEqual([...description.modules.keys()], [module])
  assert.ok(description.functions.symbols.has('vfs_read'))
  assert.equal(problemsOf(describedKernel(description)), '')
  const without = describedKernel({ ...description, modules: new Map() })
  assert.match(problemsOf(without), /the types of module overlay cannot be read/)
  const symbols = new Set([...description.functions.symbols].filter((name) => !/^ovl_/.test(name)))
  const functions = { symbols, traceable: symbols }
  assert.match(
    problemsOf(describedKernel({ ...description, functions })),
    /no function ovl_fill_super/,
  )
})
