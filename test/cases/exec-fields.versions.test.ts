import assert from 'node:assert/strict'
import { type SpawnSyncOptions, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { only, ProcessRun } from '@tetragon-ts/agent/testing'
import { workload } from '@tetragon-ts/test/workloads'
import { Overlay } from './enforcement/overlay.ts'

// Fields of process_exec that Tetragon does not have. One agent in this process.

let watched: ProcessRun
let ways: string
let noop: string
let folder: string
before(async () => {
  ways = await workload('exec-variants')
  noop = await workload('noop')
  folder = mkdtempSync(join(tmpdir(), 'exec-fields-'))
  watched = await ProcessRun.start('--exec-fields=executable,argv,environment,session,layer')
})
after(async () => {
  // Node.js cannot remove paths of this length.
  spawnSync('rm', ['-rf', folder])
  await watched?.stop()
})

/** Runs a program to its end; the process in its last exec event, and the same in its exit. */
function run(program: string, args: string[] = [], options: SpawnSyncOptions = {}) {
  return watched.unlessMissed(async () => {
    const { pid, stderr } = spawnSync(program, args, { ...options })
    assert.equal(stderr.toString(), '')
    const events = await watched.events.of(pid)
    const exec = events.filter(({ kind }) => kind === 'exec').at(-1)
    assert.ok(exec)
    return { ...exec, exit: only(events, 'exit').process }
  })
}

describe('the path of the executable', () => {
  it('is omitted where it is the path that the process used', async () => {
    const { process, exit } = await run(noop)
    assert.equal(process.binary, noop)
    assert.equal(process.executable, undefined)
    assert.equal(exit.executable, undefined)
  })

  it('is that of the file where links lead to it, in all events of the process', async () => {
    const link = join(folder, 'link')
    const folders = join(folder, 'folders')
    symlinkSync(noop, link)
    symlinkSync(join(noop, '..'), folders)
    for (const used of [link, join(folders, 'noop')]) {
      const { process, exit } = await run(used)
      assert.equal(process.binary, used)
      assert.equal(process.executable, noop)
      assert.equal(exit.executable, noop)
    }
  })

  it('is that of the file where the process used a relative path', async () => {
    const cwd = join(noop, '..')
    assert.equal((await run('./noop', [], { cwd })).process.executable, undefined)
    // `binary` is joined by its text: this one leads elsewhere than its text says.
    symlinkSync(cwd, join(folder, 'cwd'))
    const { process } = await run(`cwd/../${basename(cwd)}/noop`, [], { cwd: folder })
    assert.equal(process.binary, join(folder, basename(cwd), 'noop'))
    assert.equal(process.executable, noop)
  })

  it('is that of the interpreter of a script', async () => {
    const script = join(folder, 'script')
    writeFileSync(script, `#!${noop} -x\n`)
    chmodSync(script, 0o755)
    const { process } = await run(script, ['a'])
    assert.equal(process.binary, script)
    assert.equal(process.executable, noop)
    assert.deepEqual(process.argv, [noop, '-x', script, 'a'])
  })

  it('is that behind a descriptor, /proc/self/exe, or a folder’s descriptor', async () => {
    for (const way of ['fd', 'dirfd']) {
      assert.equal((await run(ways, [way, noop])).process.executable, noop)
    }
    const { process } = await run(ways, ['thread', '/proc/self/exe', 'fd', noop])
    assert.equal(process.executable, noop)
  })

  it('is the name of a file that has no path', async () => {
    const { process } = await run(ways, ['memfd', noop])
    assert.equal(process.executable, '/memfd:exec-variants (deleted)')
  })

  it('says that the file was deleted', async () => {
    const copy = join(folder, 'deleted "copy"')
    copyFileSync(noop, copy)
    const script = 'exec 3<"$0"; rm "$0"; exec /proc/self/fd/3'
    const { process } = await run('/bin/sh', ['-c', script, copy])
    assert.equal(process.executable, `${copy} (deleted)`)
  })

  it('has the end of a path that is too long', async () => {
    // Each name is 200 bytes long: the path has more than 4096.
    const script =
      'n=$(printf %0200d 0); for i in $(seq 30); do mkdir -p $n && cd -P $n || exit 1; done; ' +
      'cp "$0" noop; exec ./noop'
    const { process } = await run('/bin/sh', ['-c', script, noop], { cwd: folder })
    assert.match(process.executable ?? '', /^\(unreachable\)(\/0{200})+\/noop$/)
  })
})

describe('argv', () => {
  it('has the boundaries of arguments, and the name that the process gave the program', async () => {
    const args = ['a b', '', '"q"', "'", 'tab\t', 'ä\u{1f600}', ',"argv":["x"]']
    const { process, exit } = await run('/bin/sh', ['-c', 'exit 0', ...args], {
      argv0: '[kworker/0:1]',
    })
    assert.deepEqual(process.argv, ['[kworker/0:1]', '-c', 'exit 0', ...args])
    assert.equal(process.argv_truncated, undefined)
    assert.equal(exit.argv, undefined)
  })

  it('is empty where the process gave no arguments', async () => {
    const { process } = await run(ways, ['empty-argv', noop])
    // Since Linux 5.18, there is an empty one.
    assert.ok(process.argv === undefined || process.argv.join() === '')
  })

  it('has whole arguments up to 16 kB', async () => {
    const args = ['x'.repeat(9000), 'y'.repeat(9000), 'z']
    const { process } = await run(noop, args)
    assert.deepEqual(process.argv, [noop, args[0]])
    assert.equal(process.argv_truncated, true)
    assert.equal(process.arguments, args.join(' '))
  })
})

describe('names of environment variables', () => {
  const names = async (env: Record<string, string>) => {
    const { process, exit, line } = await run(noop, [], { env })
    assert.equal(exit.environment_names, undefined)
    const { environment_names: found, environment_names_truncated: isCut } = process
    return { found, isCut, line }
  }

  it('are those of the watched ones, without values', async () => {
    const { found, isCut, line } = await names({
      PATH: '/bin',
      LD_PRELOAD: '/tmp/secret.so',
      HISTFILE: '/dev/null',
      HIS: '1',
      LD_PRELOADED: '1',
      NODE_VERSION: '1',
      http_proxy: 'secret',
      PS4: 'secret',
      NODE_TLS_REJECT_UNAUTHORIZED: 'secret',
      'BASH_FUNC_ls%%': '() { secret; }',
    })
    const last = ['NODE_TLS_REJECT_UNAUTHORIZED', 'BASH_FUNC_ls%%']
    assert.deepEqual(found, ['LD_PRELOAD', 'HISTFILE', 'http_proxy', 'PS4', ...last])
    assert.equal(isCut, undefined)
    assert.ok(!line.includes('secret'), line)
  })

  it('are omitted where there are none', async () => {
    const harmless: Record<string, string>[] = [{}, { A: '' }, { PATH: '/bin', HOME: '/root' }]
    for (const env of harmless) {
      const { found, isCut } = await names(env)
      assert.deepEqual([found, isCut], [undefined, undefined])
    }
  })

  it('are found after long variables, and not in their values', async () => {
    for (const length of [4000, 4088, 4093, 4094, 4095, 4096, 8190, 8191, 100_000]) {
      const value = 'LD_AUDIT=x'.repeat(length / 10).padEnd(length, '=')
      const { found, isCut } = await names({
        A: value,
        LD_PRELOAD: value,
        B: value,
        PYTHONPATH: '',
      })
      assert.deepEqual(found, ['LD_PRELOAD', 'PYTHONPATH'], String(length))
      assert.equal(isCut, undefined)
    }
  })

  it('are found in an environment with entries that are not variables', async () => {
    const { process } = await run(ways, ['odd-environment', noop])
    assert.deepEqual(process.environment_names, ['LD_AUDIT', 'LD_PRELOAD'])
  })

  it('say that part of the environment was not looked at', async () => {
    const many = (count: number, name: string) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}${i}`, '']))
    const before = await names({ ...many(120, 'A'), LD_PRELOAD: '' })
    assert.deepEqual([before.found, before.isCut], [['LD_PRELOAD'], undefined])
    const after = await names({ LD_PRELOAD: '', ...many(20_000, 'A'), LD_AUDIT: '' })
    assert.deepEqual([after.found, after.isCut], [['LD_PRELOAD'], true])
    const crowded = await names({ ...many(100, 'HIST'), LD_AUDIT: '' })
    assert.equal(crowded.found?.length, 31)
    assert.equal(crowded.isCut, true)
  })
})

describe('the session', () => {
  it('is that of the process that started it, with its leader', async () => {
    const script = 'setsid -w /bin/sh -c "$0; $0; exit 0"'
    const { pid } = spawnSync('/bin/sh', ['-c', script, noop])
    const all = (await watched.events.all()).filter(({ kind }) => kind === 'exec')
    const leader = all.findLast(({ process }) => process.arguments?.includes('exit 0'))?.process
    const [first, second] = all.filter(({ parent }) => parent?.exec_id === leader?.exec_id)
    const shell = all.find(({ process }) => process.pid === pid)
    assert.equal(leader?.session_id, leader?.pid)
    assert.equal(leader?.session_leader_exec_id, leader?.exec_id)
    assert.notEqual(leader?.session_id, shell?.process.session_id)
    for (const { process } of [first, second]) {
      assert.equal(process.binary, noop)
      assert.equal(process.session_id, leader?.pid)
      assert.equal(process.session_leader_exec_id, leader?.exec_id)
      assert.equal(process.tty, undefined)
    }
  })

  it('has no leader any more after its end', async () => {
    const script = 'setsid /bin/sh -c "(read -r line; exec $0 orphan) & exit 0"'
    const { status } = spawnSync('/bin/sh', ['-c', script, noop], { input: 'line\n' })
    assert.equal(status, 0)
    const isOrphan = ({ process, kind }: { process: { arguments?: string }; kind: string }) =>
      process.arguments === 'orphan' && kind === 'exec'
    const { process } = await watched.events.waitFor(isOrphan)
    assert.ok(process.session_id !== process.pid && (process.session_id ?? 0) > 1)
  })

  it('has the name of its terminal', async () => {
    const { pid } = spawnSync('script', ['-qec', noop, '/dev/null'], { stdio: 'ignore' })
    const all = await watched.events.all()
    const child = all.find(({ kind, parent }) => kind === 'exec' && parent?.pid === pid)
    assert.match(child?.process.tty ?? '', /^pts\d+$/)
    assert.equal(child?.process.session_id, child?.process.pid)
  })
})

describe('the writable layer of an overlay', (): void => {
  let overlay: Overlay
  let lacking: string | undefined
  before(() => {
    const at = join(folder, 'overlay')
    mkdirSync(at)
    overlay = new Overlay(at)
    copyFileSync(noop, join(overlay.image, 'noop'))
    lacking = overlay.mount()
  })
  after(() => overlay?.remove())

  it('has new files and copies, and not those of the image', async (t) => {
    if (lacking !== undefined) return t.skip(lacking)
    const program = join(overlay.merged, 'noop')
    assert.equal((await run(program)).process.upper_layer, undefined)
    copyFileSync(program, join(overlay.merged, 'new'))
    assert.equal((await run(join(overlay.merged, 'new'))).process.upper_layer, true)
    const link = join(folder, 'link-into-overlay')
    symlinkSync(join(overlay.merged, 'new'), link)
    assert.equal((await run(link)).process.upper_layer, true)
    // A change copies the file up.
    writeFileSync(program, '', { flag: 'a' })
    chmodSync(program, 0o700)
    assert.equal((await run(program)).process.upper_layer, true)
    assert.equal((await run(noop)).process.upper_layer, undefined)
  })
})
