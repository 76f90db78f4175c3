import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { encodeKernel } from '@tetragon-ts/compiler/kernel-description'
import { sampleDescription } from '@tetragon-ts/compiler/testing'
import { repositoryRoot } from '../../vm/repository.ts'

const policyOf = (name: string, spec: string) =>
  `apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: {name: ${name}}\nspec:\n${spec}`
const watches = policyOf('watches', '  kprobes:\n  - {call: vfs_read, syscall: false}\n')
const kills = policyOf(
  'kills',
  `  kprobes:
  - call: tcp_close
    syscall: false
    selectors:
    - matchPIDs: [{operator: In, values: [1]}]
      matchActions: [{action: Sigkill}]
`,
)
const ofFile = policyOf('of-file', '  uprobes:\n  - {path: /usr/bin/bash, symbols: [readline]}\n')

/** Runs tetra in a process that prints the add-ons that it loaded last. */
const program = `
const { runCommandLine } = await import('./dist/run-command-line.js')
process.exitCode = await runCommandLine(process.argv.slice(1), process)
const { sharedObjects } = process.report.getReport()
console.error(JSON.stringify(sharedObjects.filter((path) => path.endsWith('.node'))))
`

describe('tetra tracingpolicy validate --kernel', () => {
  let folder: string
  const at = (name: string) => join(folder, name)

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kernels-'))
    mkdirSync(at('fleet'))
    // Programs are built with the structures of a real kernel.
    const btf = readFileSync('/sys/kernel/btf/vmlinux')
    const describe = async (release: string, kinds: Parameters<typeof sampleDescription>[0]) => {
      const sample = sampleDescription(kinds)
      const facts = { ...sample.facts, release }
      writeFileSync(at(`fleet/${release}.kernel`), await encodeKernel({ ...sample, facts, btf }))
    }
    await describe('6.12.1-new', ['kprobe', 'fentry', 'uprobe'])
    await describe('5.10.1-old', [])
    for (const [name, text] of Object.entries({ watches, kills, ofFile })) {
      writeFileSync(at(`${name}.yaml`), text)
    }
  })
  after(() => rmSync(folder, { recursive: true }))

  function validate(...args: string[]) {
    const argv = ['--input-type=module', '-e', program, 'tp', 'validate', ...args]
    const options = { cwd: join(repositoryRoot, 'packages/tetra'), encoding: 'utf8' } as const
    const { stdout, stderr, status } = spawnSync(process.execPath, argv, options)
    return { stdout, stderr, status }
  }

  it('shows how each hook works on each kernel, and why it does not', () => {
    const { stdout, stderr, status } = validate('--kernel', at('fleet'), at('kills.yaml'))
    assert.equal(status, 1, stderr)
    const rows = stdout.split('\n').map((line) => line.replaceAll(/ {3,}/g, ' | '))
    assert.deepEqual(rows.slice(0, 3), [
      'POLICY | HOOK | KERNEL | RESULT | BACK END | ENFORCEMENT',
      'kills | tcp_close | 5.10.1-old | fails | - | -',
      'kills | tcp_close | 6.12.1-new | works | kprobe | Sigkill by signal: after the operation may have begun',
    ])
    assert.match(
      stdout,
      /kills\.yaml:6:11: error: .*tcp_close: .*kprobe: no kprobe.*\n {2}on 5\.10\.1-old/,
    )
    assert.match(stderr, /1 policy is right; 0 errors, 0 warnings; on 2 kernels: 1 of 2 fail\n\[\]/)
  })

  it('succeeds for a kernel that has all that it needs, without the FFI', () => {
    const kernel = at('fleet/6.12.1-new.kernel')
    const { stderr, status } = validate('--kernel', kernel, at('kills.yaml'), at('watches.yaml'))
    assert.equal(status, 0, stderr)
    assert.equal(stderr.trim().split('\n').at(-1), '[]')
  })

  it('decides about programs of user space with their files', () => {
    const bash = '/usr/bin/bash'
    const kernel = at('fleet/6.12.1-new.kernel')
    const program = (path: string, symbol: string) =>
      writeFileSync(
        at('ofProgram.yaml'),
        policyOf('of-program', `  uprobes:\n  - {path: ${path}, symbols: [${symbol}]}\n`),
      )
    const run = (...args: string[]) => validate('--kernel', kernel, ...args, at('ofProgram.yaml'))
    program(bash, 'readline')
    const unknown = run()
    assert.equal(unknown.status, 0, unknown.stderr)
    assert.ok(unknown.stdout.includes(`as ${bash} decides (--root)`), unknown.stdout)
    const known = run('--root', '/')
    assert.match(known.stdout, / works +.*uprobe/, known.stdout + known.stderr)
    assert.equal(known.stderr.trim().split('\n').at(-1), '[]', 'it loads no FFI')
    program(bash, 'no_such_symbol')
    assert.equal(run('--root', '/').status, 1)
    // An absolute link leads to a file below the root, not to one of this machine.
    mkdirSync(at('node'))
    symlinkSync(bash, at('node/program'))
    program('/program', 'readline')
    assert.match(run('--root', at('node')).stdout, /warning: ENOENT.*: the hook waits/)
    const { status, stderr } = validate('--root', '/', at('ofProgram.yaml'))
    assert.equal(status, 2)
    assert.match(stderr, /--root needs --kernel/)
  })

  it('prints an object for each policy and kernel', () => {
    const args = ['--kernel', at('fleet'), '-o', 'json', at('kills.yaml'), at('ofFile.yaml')]
    const { stdout, status } = validate(...args)
    assert.equal(status, 1)
    const lines = stdout.trim().split('\n')
    const checks = lines.map((line) => JSON.parse(line)).filter(({ kernel }) => kernel)
    const verdicts = checks.map(({ policy, kernel, verdict }) => [policy, kernel, verdict])
    assert.deepEqual(verdicts, [
      ['kills', '5.10.1-old', 'fails'],
      ['kills', '6.12.1-new', 'works'],
      ['of-file', '5.10.1-old', 'fails'],
      ['of-file', '6.12.1-new', 'depends'],
    ])
    const [way] = checks[1].hooks[0].ways
    const signal = { action: 'Sigkill', means: 'signal', guarantee: 'signals', missed: '' }
    assert.deepEqual([way.backend, way.enforcement], ['kprobe', [signal]])
  })

  it('checks kernels of other processors in a process of its own', async () => {
    const other = process.arch === 'x64' ? 'arm64' : 'x64'
    const symbol = other === 'arm64' ? '__arm64_sys_openat' : '__x64_sys_openat'
    const sample = sampleDescription(['kprobe'])
    const facts = { ...sample.facts, release: '6.12.1-other', architecture: other } as const
    const symbols = new Set([...sample.functions.symbols, symbol])
    const btf = readFileSync('/sys/kernel/btf/vmlinux')
    const functions = { symbols, traceable: undefined }
    mkdirSync(at('others'))
    const file = at('others/other.kernel')
    writeFileSync(file, await encodeKernel({ ...sample, facts, functions, btf }))
    // The name of its function differs between processors.
    writeFileSync(at('opens.yaml'), policyOf('opens', `  kprobes:\n  - {call: ${symbol}}\n`))
    const tetra = join(repositoryRoot, 'packages/tetra/bin/tetra.js')
    const kernels = ['--kernel', file, '--kernel', at('fleet/6.12.1-new.kernel')]
    const args = [tetra, 'tp', 'validate', '-o', 'json', ...kernels]
    const options = {
      encoding: 'utf8',
      input: policyOf('piped', watches.split('spec:\n')[1]),
    } as const
    const piped = spawnSync(process.execPath, [...args, at('opens.yaml'), '-'], options)
    const checks = piped.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const shown = checks.map(({ policy, kernel, verdict }) => `${policy} ${kernel} ${verdict}`)
    assert.deepEqual(shown.sort(), [
      'opens 6.12.1-new fails',
      'opens 6.12.1-other works',
      'piped 6.12.1-new works',
      'piped 6.12.1-other works',
    ])
    assert.equal(piped.status, 1)
  })

  it('is in the program of one file, which packages have', async () => {
    const scripts = pathToFileURL(join(repositoryRoot, 'scripts/programs.mjs')).href
    const { bundleTetraFile } = (await import(scripts)) as {
      bundleTetraFile(outfile: string): Promise<void>
    }
    const tetra = at('tetra.cjs')
    await bundleTetraFile(tetra)
    const args = ['tp', 'validate', '--kernel', at('fleet/6.12.1-new.kernel'), at('kills.yaml')]
    const { status, stderr } = spawnSync(process.execPath, [tetra, ...args], { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
  })

  it('names files that are no descriptions', () => {
    const bad = validate('--kernel', at('kills.yaml'), at('kills.yaml'))
    assert.equal(bad.status, 1)
    assert.match(bad.stderr, /kills\.yaml: read description: it is not a file of tetragon kernel/)
    const none = validate('--kernel', folder, at('kills.yaml'))
    assert.match(none.stderr, /read kernels: .* has no \*\.kernel files/)
    const missing = validate('--kernel', at('none.kernel'), at('kills.yaml'))
    assert.match(missing.stderr, /none\.kernel/)
    assert.deepEqual([none.status, missing.status], [1, 1])
  })
})
