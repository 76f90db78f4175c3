import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { testVariables } from './target.ts'

/** A guest is completely under our control; a host may differ. */
const expectedRelease = process.env[testVariables.release]

interface Mount {
  readonly path: string
  readonly type: string
  readonly options: readonly string[]
}

function mounts(): Mount[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [, path, type, options] = line.split(' ')
      return { path, type, options: options.split(',') }
    })
}

function requireMount(context: TestContext, type: string, path: string): void {
  const found = mounts().filter((mount) => mount.type === type)
  if (expectedRelease === undefined && found.length === 0) {
    context.skip(`not in a guest, and /proc/self/mounts has no ${type}`)
    return
  }
  const paths = found.map((mount) => mount.path)
  if (expectedRelease !== undefined) assert.ok(paths.includes(path), `${type} at ${paths}`)
}

describe('the machine that cases run on', () => {
  it('runs the kernel that was asked for', (context) => {
    if (expectedRelease === undefined) {
      context.skip(`not in a guest: ${testVariables.release} is not set`)
      return
    }
    assert.equal(release(), expectedRelease)
    const kernel = process.env[testVariables.kernel] ?? ''
    const [version, suffix = ''] = kernel.split('-')
    const isRight = release().startsWith(`${version}.`) && release().endsWith(suffix)
    assert.ok(isRight, `${release()} is no ${kernel}`)
  })

  it('is run by root with every capability', () => {
    assert.equal(process.geteuid?.(), 0)
    const status = readFileSync('/proc/self/status', 'latin1')
    const effective = BigInt(`0x${/^CapEff:\t([0-9a-f]+)$/m.exec(status)?.[1]}`)
    const capSysAdmin = 21n
    assert.equal((effective >> capSysAdmin) & 1n, 1n)
  })

  it('has the type information of the kernel', () => {
    const btf = readFileSync('/sys/kernel/btf/vmlinux')
    assert.equal(btf.readUInt16LE(0), 0xeb9f)
    assert.ok(btf.length > 1_000_000)
  })

  it('has cgroup v2', (context) => requireMount(context, 'cgroup2', '/sys/fs/cgroup'))

  it('has tracefs', (context) => requireMount(context, 'tracefs', '/sys/kernel/tracing'))

  it('has bpffs', (context) => requireMount(context, 'bpf', '/sys/fs/bpf'))

  it('has a writable folder for temporary files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'boot-'))
    writeFileSync(join(folder, 'file'), 'content')
    assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'content')
    rmSync(folder, { recursive: true })
  })

  it('asks eBPF programs about security hooks', (context) => {
    if (expectedRelease === undefined) {
      context.skip('not in a guest: the security modules are the choice of the host')
      return
    }
    const modules = readFileSync('/sys/kernel/security/lsm', 'latin1').split(',')
    assert.ok(modules.includes('bpf'), modules.join(','))
  })

  it('cannot change the files of the host', (context) => {
    if (expectedRelease === undefined) {
      context.skip('not in a guest: this is the host')
      return
    }
    const source = new URL('../../vm/boot.kernel.test.ts', import.meta.url)
    assert.throws(() => writeFileSync(source, ''), { code: 'EROFS' })
    assert.throws(() => writeFileSync('/etc/tetragon-boot-test', ''), { code: 'EROFS' })
  })
})
