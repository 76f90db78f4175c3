import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { encodeKernel } from '@tetragon-ts/compiler/kernel-description'
import { sampleDescription } from '@tetragon-ts/compiler/testing'
import { repositoryRoot } from '../vm/repository.ts'
import { type BrowserBundle, bundleForBrowser, nodeUses, runInBrowser } from './browser-bundle.ts'

/** Policies of the library, of all folders. */
const library = readdirSync(join(repositoryRoot, 'policies'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yaml') && !name.startsWith('rules/'))
  .sort()
  .filter((_, index) => index % 3 === 0)
  .map((name) => join(repositoryRoot, 'policies', name))

describe('packages/compiler in a browser', () => {
  let bundle: BrowserBundle
  let folder: string
  let kernel: string

  before(async () => {
    bundle = await bundleForBrowser(`
      export * from '@tetragon-ts/compiler/kernel-description'
      export { readPolicies } from '@tetragon-ts/policy'
    `)
    folder = mkdtempSync(join(tmpdir(), 'compiler-in-browser-'))
    kernel = join(folder, 'sample.kernel')
    // Programs are built with the structures of a real kernel.
    const btf = readFileSync('/sys/kernel/btf/vmlinux')
    const sample = sampleDescription(['kprobe', 'tracepoint', 'raw_tp', 'tp_btf', 'uprobe'])
    writeFileSync(kernel, await encodeKernel({ ...sample, btf }))
  })
  after(() => rmSync(folder, { recursive: true }))

  it('needs nothing of Node.js', () => {
    assert.ok(bundle.files.includes('packages/compiler/dist/emit/hook-program.js'))
    assert.ok(bundle.files.includes('packages/ebpf/dist/platform/web.js'))
    assert.deepEqual(nodeUses(bundle), [])
  })

  it('finds what tetra finds about policies of the library', async () => {
    assert.ok(library.length >= 20, `${library.length} policies`)
    const tetra = join(repositoryRoot, 'packages/tetra/bin/tetra.js')
    const args = ['tp', 'validate', '-o', 'json', '--kernel', kernel, ...library]
    const { stdout } = spawnSync(process.execPath, [tetra, ...args], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    })
    const lines = stdout.trim().split('\n')
    const expected = lines.map((line) => JSON.parse(line)).filter((each) => each.kernel)
    assert.ok(expected.length >= 20, `${expected.length} policies`)
    const api = runInBrowser(bundle) as typeof import('@tetragon-ts/compiler/kernel-description') &
      typeof import('@tetragon-ts/policy')
    const described = api.describedKernel(await api.decodeKernel(readFileSync(kernel)))
    const found = library.flatMap((file) =>
      api.readPolicies(readFileSync(file, 'utf8'), file).documents.map((document) => {
        return { kernel: described.release, file, ...api.checkPolicy(document, described) }
      }),
    )
    assert.deepEqual(JSON.parse(JSON.stringify(found)), expected)
    const verdicts = new Set(found.map(({ verdict }) => verdict))
    assert.deepEqual([...verdicts].sort(), ['depends', 'fails', 'works'])
  })
})
