import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { probe } from '@tetragon-ts/ebpf/features'
import { joinArguments } from '../../processes/join-arguments.ts'
import {
  isFull,
  makeTestFolder,
  type ObservedEvent,
  only,
  ProcessRun,
} from '../../testing/index.ts'

const busybox = '/bin/busybox'
const maxArgument = 128 * 1024 - 1

let watched: ProcessRun
let folder: string
before(async () => {
  folder = makeTestFolder()
  watched = await ProcessRun.start()
})
after(async () => {
  await watched?.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a program to its end and returns its last exec and its exit. */
function run(program: string, args: string[], cwd = '/usr') {
  return watched.unlessMissed(async () => {
    const { pid, error } = spawnSync(program, args, { stdio: 'ignore', cwd })
    assert.equal(error, undefined)
    const events = await watched.events.of(pid)
    const execs = events.filter(({ kind }) => kind === 'exec')
    const exec = execs.at(-1) as ObservedEvent
    const exit = only(events, 'exit')
    assert.equal(exit.process.exec_id, exec.process.exec_id)
    return { pid, exec, exit, process: exec.process }
  })
}

/** Runs shell code that then executes the program. */
const runShell = (script: string, cwd = '/usr') => run('/bin/sh', ['-c', script], cwd)

describe('arguments', () => {
  for (const [what, args] of [
    ['one of the greatest length', ['x'.repeat(maxArgument)]],
    ['ten thousand', Array.from({ length: 10_000 }, (_, i) => `argument-${i}`)],
    ['1.5 MB in all', Array.from({ length: 12 }, (_, i) => String(i % 10).repeat(125_000))],
    ['a hundred thousand empty ones', ['x', ...Array.from({ length: 100_000 }, () => '')]],
  ] as const) {
    it(`are complete: ${what}`, async () => {
      const { process: child, exit } = await run('/bin/true', [...args])
      // Not assert.equal: a difference of megabytes takes minutes to print.
      assert.ok(child.arguments === joinArguments(args), `${child.arguments?.length} characters`)
      assert.equal(child.flags, 'execve clone dataArgs')
      assert.equal(child.binary, '/bin/true')
      assert.ok(exit.process.arguments === child.arguments)
    })
  }

  const borders = isFull ? [16382, 16383, 16384, 32766, 32767, 32768, 65535] : [16383, 16384, 32768]
  for (const length of borders) {
    it(`are complete at the border of ${length} bytes`, async () => {
      // With argv[0] and two zero bytes the vector is as long as the title says.
      const text = 'y'.repeat(length - '/bin/true'.length - 2)
      const { process: child } = await run('/bin/true', [text])
      assert.ok(child.arguments === text, `${child.arguments?.length} characters`)
    })
  }

  it('have no blank for leading empty ones', async () => {
    const { process: child } = await run('/bin/true', ['', 'tail0', '', 'x'])
    assert.equal(child.arguments, 'tail0  x')
  })

  it('keep control characters and escape sequences', async () => {
    const text = '\x1b[2J\x1b]0;title\x07\ttab\r\nline\x7f\x01\u009b1m\u202e'
    const { process: child } = await run('/bin/true', [text])
    assert.equal(child.arguments, text)
  })

  it('replace invalid UTF-8', async () => {
    const { process: child } = await runShell(
      `exec /bin/true "$(printf 'a\\377\\303(\\355\\240\\200z')"`,
    )
    assert.equal(child.arguments, 'a\ufffd\ufffd(\ufffd\ufffd\ufffdz')
  })
})

describe('paths', () => {
  it('hold newlines, quotes and invalid UTF-8', async () => {
    const name = 'a\nb"\\\x1b[31m'
    copyFileSync('/bin/true', join(folder, name))
    const { process: child } = await run(join(folder, name), [])
    assert.equal(child.binary, join(folder, name))
    const { process: other } = await runShell(
      `cd ${folder}; d="$(printf 'd\\376')"; mkdir "$d"; cd "$d"; cp /bin/true "$(printf '\\377')"; exec "$PWD/$(printf '\\377')"`,
    )
    assert.equal(other.binary, join(folder, 'd\ufffd', '\ufffd'))
    assert.equal(other.cwd, join(folder, 'd\ufffd'))
  })

  it('of a program are completed from a relative one', async () => {
    mkdirSync(join(folder, 'sub'))
    copyFileSync('/bin/true', join(folder, 'sub', 'program'))
    for (const [cwd, path] of [
      [folder, './sub/program'],
      [folder, 'sub/program'],
      [join(folder, 'sub'), './program'],
      [join(folder, 'sub'), '../sub/.//program'],
      ['/', `.${folder}/sub/program`],
    ]) {
      const { process: child } = await runShell(`exec ${path}`, cwd)
      assert.equal(child.binary, join(folder, 'sub/program'))
      assert.equal(child.cwd, cwd)
    }
  })

  it('of a program stay what they were when it is removed', async () => {
    const program = join(folder, 'removed')
    copyFileSync('/bin/sleep', program)
    const child = spawn(program, ['100'], { stdio: 'ignore' })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    rmSync(program)
    child.kill('SIGKILL')
    await ended
    const events = await watched.events.of(child.pid ?? 0)
    assert.equal(only(events, 'exec').process.binary, program)
    assert.equal(only(events, 'exit').process.binary, program)
    assert.equal(only(events, 'exit').signal, 'SIGKILL')
  })

  it('of a script are the script’s', async () => {
    const script = join(folder, 'script')
    writeFileSync(script, '#!/bin/sh\nexit 0\n', { mode: 0o755 })
    const { process: child } = await run(script, ['one'])
    assert.equal(child.binary, script)
    assert.equal(child.arguments, `${script} one`)
  })
})

describe('working directory', () => {
  it('is complete with long names', async () => {
    const deep = join(folder, ...Array.from({ length: 12 }, (_, i) => `${i}`.padEnd(240, 'n')))
    mkdirSync(deep, { recursive: true })
    const { process: child } = await run('/bin/true', [], deep)
    assert.equal(child.cwd, deep)
    assert.equal(child.flags, 'execve clone')
  })

  it('is complete with many names, or marked as incomplete', async () => {
    const deep = `${folder}${'/a'.repeat(1500)}`
    mkdirSync(deep, { recursive: true })
    const { process: child } = await run('/bin/true', [], deep)
    if (probe('bpf_loop').answer === 'yes') {
      assert.equal(child.cwd, deep)
      assert.equal(child.flags, 'execve clone')
    } else {
      // Without bpf_loop the walk is limited: the path has its end, and the flag is set.
      assert.ok(deep.endsWith(child.cwd ?? '') && (child.cwd ?? '').length >= 500, child.cwd)
      assert.equal(child.flags, 'execve clone errorPathResolutionCwd')
    }
  })

  it('is the root', async () => {
    const { process: child } = await run('/bin/true', [], '/')
    assert.equal(child.cwd, '/')
    assert.equal(child.flags, 'execve rootcwd clone')
  })

  it('is marked when it was deleted', async () => {
    const { process: child } = await runShell(
      `mkdir ${folder}/gone; cd ${folder}/gone; rmdir ${folder}/gone; exec /bin/true`,
    )
    assert.equal(child.cwd, `${folder}/gone (deleted)`)
    assert.equal(child.binary, '/bin/true')
  })

  it('is as seen through a symbolic link and a bind mount', async () => {
    symlinkSync('/usr/lib', join(folder, 'link'))
    const { process: linked } = await run('/bin/true', [], join(folder, 'link'))
    assert.equal(linked.cwd, '/usr/lib')
    mkdirSync(join(folder, 'mount'))
    const mount = `mount --bind /usr/lib ${folder}/mount && cd ${folder}/mount/os-release/.. 2>&- || cd ${folder}/mount`
    const { exec } = await run('/usr/bin/unshare', [
      '-m',
      '/bin/sh',
      '-c',
      `${mount}; exec /bin/true mounted`,
    ])
    assert.equal(exec.process.arguments, 'mounted')
    assert.equal(exec.process.cwd, join(folder, 'mount'))
  })

  it('is as seen from a changed root', async () => {
    const root = join(folder, 'root')
    mkdirSync(join(root, 'bin/deep'), { recursive: true })
    copyFileSync(busybox, join(root, 'bin/busybox'))
    chmodSync(join(root, 'bin/busybox'), 0o755)
    const { process: child } = await run('/usr/sbin/chroot', [root, '/bin/busybox', 'true'])
    assert.equal(child.cwd, '/')
    assert.equal(child.binary, '/bin/busybox')
    assert.equal(child.flags, 'execve rootcwd')
    const { process: inner } = await run('/usr/sbin/chroot', [
      root,
      '/bin/busybox',
      'sh',
      '-c',
      'cd /bin/deep; exec ../busybox true inner',
    ])
    assert.equal(inner.cwd, '/bin/deep')
    assert.equal(inner.binary, '/bin/busybox')
    assert.equal(inner.arguments, 'true inner')
  })

  it('outside of a changed root is the host’s path', async () => {
    const root = join(folder, 'empty-root')
    mkdirSync(join(root, 'bin'), { recursive: true })
    copyFileSync(busybox, join(root, 'bin/busybox'))
    chmodSync(join(root, 'bin/busybox'), 0o755)
    const script = `chdir ${JSON.stringify(folder)}; chroot ${JSON.stringify(root)}; exec "/bin/busybox", "true", "escaped"`
    const { process: child } = await run('/usr/bin/perl', ['-e', script])
    assert.equal(child.arguments, 'true escaped')
    assert.equal(child.cwd, folder)
  })
})

describe('programs that fail to start', () => {
  it('that die on the way have an exit without exec', async () => {
    const program = join(folder, 'corrupt')
    writeFileSync(program, corruptElf(), { mode: 0o755 })
    const { pid, signal } = spawnSync(program, [], { stdio: 'ignore' })
    assert.match(signal ?? '', /^SIG(SEGV|KILL)$/)
    const events = await watched.events.of(pid)
    assert.equal(events.length, 1)
    assert.equal(only(events, 'exit').signal, signal)
    assert.equal(events[0].process.flags, 'clone')
  })

  it('that are no programs have no exec', async () => {
    const program = join(folder, 'garbage')
    writeFileSync(program, Buffer.from([0, 1, 2, 3, 4, 5, 6, 7]), { mode: 0o755 })
    // The C library then treats it as a shell script.
    const { pid } = spawnSync(program, ['one'], { stdio: 'ignore' })
    const { process: child } = only(await watched.events.of(pid), 'exec')
    assert.equal(child.binary, '/bin/sh')
    assert.equal(child.arguments, `${program} one`)
  })
})

describe('pid namespace', () => {
  it('shows host pids, and which processes belong to its tree', async () => {
    const { pid, exec } = await run('/usr/bin/unshare', [
      ...['--pid', '--fork', '--mount-proc'],
      ...['/bin/sh', '-c', '/bin/true inside; exit 0'],
    ])
    assert.equal(exec.process.in_init_tree, false)
    const all = await watched.events.all()
    const init = only(
      all.filter((event) => event.process.pid !== pid && event.parent?.pid === pid),
      'exec',
    )
    assert.equal(init.process.binary, '/bin/sh')
    assert.equal(init.process.in_init_tree, true)
    assert.match(init.process.flags ?? '', /^execve (rootcwd )?clone inInitTree$/)
    const inside = only(
      all.filter((event) => event.process.arguments === 'inside'),
      'exec',
    )
    assert.ok((inside.process.pid ?? 0) > 2)
    assert.equal(inside.process.parent_exec_id, init.process.exec_id)
    assert.equal(inside.process.in_init_tree, true)
  })
})

/** A static program whose second segment is at a kernel address: the loader fails late. */
function corruptElf(): Buffer {
  const [headerSize, entrySize, base] = [64, 56, 0x400000n]
  const file = Buffer.alloc(4096)
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  file.writeUInt16LE(2, 16) // ET_EXEC
  file.writeUInt16LE(process.arch === 'arm64' ? 183 : 62, 18)
  file.writeUInt32LE(1, 20)
  file.writeBigUInt64LE(base + 0x200n, 24)
  file.writeBigUInt64LE(BigInt(headerSize), 32)
  file.writeUInt16LE(headerSize, 52)
  file.writeUInt16LE(entrySize, 54)
  file.writeUInt16LE(2, 56)
  for (const [index, address] of [base, 0xffff_8000_0000_0000n].entries()) {
    const at = headerSize + index * entrySize
    file.writeUInt32LE(1, at) // PT_LOAD
    file.writeUInt32LE(5, at + 4)
    file.writeBigUInt64LE(address, at + 16)
    file.writeBigUInt64LE(4096n, at + 32)
    file.writeBigUInt64LE(4096n, at + 40)
    file.writeBigUInt64LE(4096n, at + 48)
  }
  return file
}
