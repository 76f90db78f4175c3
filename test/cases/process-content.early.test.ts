import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { type ObservedEvent, only, ProcessRun } from '@tetragon-ts/agent/testing'
import { CapabilitiesType, type Filter, parseEvent } from '@tetragon-ts/api'
import { compileFilter, filterSubject } from '@tetragon-ts/policy/filters'
import { workload } from '@tetragon-ts/test/workloads'

const nobody = 65534
const mebibyte = 2 ** 20

let watched: ProcessRun
let ways: string
let noop: string
before(async () => {
  ways = await workload('exec-variants')
  noop = await workload('noop')
  watched = await ProcessRun.start(
    ...['--enable-process-cred', '--enable-process-ns', '--username-metadata=unix'],
    ...['--enable-ancestors=base', '--cluster-name', 'käse'],
  )
})
after(() => watched?.stop())

/** Runs a program to its end; returns exec and exit of the last image of its process. */
async function run(program: string, args: string[], ids: { uid?: number; gid?: number } = {}) {
  const { pid, stderr } = spawnSync(program, args, { encoding: 'utf8', ...ids })
  assert.equal(stderr, '')
  const events = await watched.events.of(pid)
  const exit = only(events, 'exit')
  const exec = events.filter(({ kind }) => kind === 'exec').at(-1)
  assert.ok(exec)
  return { pid, exec, exit, line: exec.line }
}

/** The same for a copy of noop on its own file system, where its mode and owner take effect. */
function runCopy(mode: string, command: string) {
  const script =
    `mount -t tmpfs none /mnt && cp "$1" /mnt/noop && chmod ${mode} /mnt/noop && cd / && ` +
    `exec ${command.replace('NOOP', '/mnt/noop')}`
  return run('/usr/bin/unshare', ['--mount', '/bin/sh', '-ec', script, 'sh', noop, ways])
}

function matches(line: string, filter: Filter): boolean {
  const parsed = parseEvent(line)
  assert.ok(parsed.ok)
  return compileFilter(filter)(filterSubject(parsed.event))
}

describe('credentials', () => {
  it('are those of root', async () => {
    const { exec, exit } = await run('/bin/true', [])
    const { cap, process_credentials: cred } = exec.process
    const all: readonly unknown[] = Object.keys(CapabilitiesType.values)
    assert.ok((cap?.permitted?.length ?? 0) > 30)
    assert.deepEqual(cap?.permitted, cap?.effective)
    assert.equal(cap?.inheritable, undefined)
    assert.ok(cap?.permitted?.every((name) => all.includes(name)))
    const ids = { uid: 0, gid: 0, euid: 0, egid: 0, suid: 0, sgid: 0, fsuid: 0, fsgid: 0 }
    const { user_ns, ...rest } = cred ?? {}
    assert.deepEqual(rest, { ...ids, caps: cap })
    assert.equal(user_ns?.level, 0)
    assert.equal(user_ns?.ns?.is_host, true)
    assert.deepEqual(exit.process.cap, cap)
    assert.deepEqual(exit.process.process_credentials, cred)
    assert.equal(exec.process.binary_properties, undefined)
  })

  it('are those of the last execution, each id by itself', async () => {
    const drop = ['--bounding-set=-all,+net_raw,+chown', '--inh-caps=-all,+chown']
    const secure = ['--securebits=+noroot,+noroot_locked']
    const args = ['--regid=7', '--clear-groups', ...drop, ...secure, '--ruid=5', '/bin/true']
    const { exec, line } = await run('/usr/bin/setpriv', args)
    const { cap, process_credentials: cred } = exec.process
    assert.equal(cred?.uid, 5)
    assert.equal(cred?.euid, 0)
    assert.equal(cred?.gid, 7)
    assert.equal(cred?.egid, 7)
    assert.deepEqual(cred?.securebits, ['SecBitNoRoot', 'SecBitNoRootLocked'])
    assert.deepEqual(cap?.inheritable, ['CAP_CHOWN'])
    assert.equal(cap?.effective, undefined)
    assert.ok(matches(line, { capabilities: { inheritable: { exactly: ['CAP_CHOWN'] } } }))
    assert.ok(!matches(line, { capabilities: { effective: { any: ['CAP_CHOWN'] } } }))
  })

  it('include the user namespace that they apply to', async () => {
    const { exec } = await run('/usr/bin/unshare', ['--user', '--map-root-user', '/bin/true'])
    const { process_credentials: cred, ns, user } = exec.process
    assert.equal(cred?.user_ns?.level, 1)
    assert.equal(cred?.user_ns?.uid, 0)
    assert.equal(cred?.user_ns?.ns?.is_host, undefined)
    assert.equal(cred?.user_ns?.ns?.inum, ns?.user?.inum)
    // Users of other namespaces are not users of the host.
    assert.equal(user, undefined)
  })
})

describe('what a file does to its process', () => {
  it('is the user it belongs to', async () => {
    const command = `setpriv --reuid=${nobody} --clear-groups NOOP`
    const { exec, exit } = await runCopy('4755', command)
    assert.deepEqual(exec.process.binary_properties, {
      setuid: 0,
      privileges_changed: ['PRIVILEGES_RAISED_EXEC_FILE_SETUID'],
    })
    assert.equal(exec.process.process_credentials?.uid, nobody)
    assert.equal(exec.process.uid, 0)
    // It belongs to that event.
    assert.equal(exit.process.binary_properties, undefined)
  })

  it('is the group it belongs to', async () => {
    const command = `setpriv --reuid=${nobody} --regid=${nobody} --clear-groups NOOP`
    const { exec } = await runCopy('2755', command)
    assert.deepEqual(exec.process.binary_properties, {
      setgid: 0,
      privileges_changed: ['PRIVILEGES_RAISED_EXEC_FILE_SETGID'],
    })
  })

  it('is nothing where its owner executes it', async () => {
    const { exec } = await runCopy('6755', 'NOOP')
    assert.equal(exec.process.binary_properties, undefined)
  })

  it('is the capabilities that it has', async () => {
    const { exec, line } = await runCopy('755', '"$2" file-caps NOOP')
    assert.deepEqual(exec.process.binary_properties, {
      privileges_changed: ['PRIVILEGES_RAISED_EXEC_FILE_CAP'],
    })
    assert.deepEqual(exec.process.cap, { permitted: ['CAP_NET_RAW'], effective: ['CAP_NET_RAW'] })
    assert.ok(matches(line, { capabilities: { effective: { all: ['CAP_NET_RAW'] } } }))
  })

  it('is its inode when it has no name', async () => {
    const { exec } = await run(ways, ['memfd', noop])
    const { file, ...rest } = exec.process.binary_properties ?? {}
    assert.deepEqual(rest, {})
    assert.equal(file?.inode?.links, 0)
    assert.match(String(file?.inode?.number), /^[1-9]\d*$/)
  })
})

describe('namespaces', () => {
  const names = ['uts', 'ipc', 'mnt', 'pid', 'pid_for_children', 'net'] as const
  const further = ['time', 'time_for_children', 'cgroup', 'user'] as const

  it('are all included, with those of the host marked', async () => {
    const { exec, exit } = await run('/bin/true', [])
    const { ns } = exec.process
    assert.deepEqual(Object.keys(ns ?? {}), [...names, ...further])
    assert.deepEqual(exit.process.ns, ns)
    for (const name of [...names, ...further]) {
      assert.equal(ns?.[name]?.inum, statSync(`/proc/self/ns/${name}`).ino, name)
      // The tests run on the host.
      assert.equal(ns?.[name]?.is_host, true, name)
    }
  })

  it('are not the host’s for who left them', async () => {
    const { exec } = await run('/usr/bin/unshare', ['--uts', '--pid', '/bin/true'])
    const { ns } = exec.process
    assert.equal(ns?.uts?.is_host, undefined)
    assert.equal(ns?.pid_for_children?.is_host, undefined)
    assert.notEqual(ns?.pid_for_children?.inum, ns?.pid?.inum)
  })

  it('with a first process of their own make a tree of its', async () => {
    const args = ['--pid', '--fork', '/bin/sh', '-c', '/bin/true in-tree; true']
    const { exec } = await run('/usr/bin/unshare', args)
    const inTree = (await watched.events.all()).find(
      ({ process }) => process.arguments === 'in-tree',
    )
    assert.ok(inTree)
    assert.ok(matches(inTree.line, { in_init_tree: true }))
    assert.ok(!matches(exec.line, { in_init_tree: true }))
  })
})

describe('users', () => {
  it('have names', async () => {
    const { exec, exit } = await run('/bin/true', [], { uid: nobody, gid: nobody })
    assert.deepEqual(exec.process.user, { name: 'nobody' })
    assert.deepEqual(exit.process.user, { name: 'nobody' })
    assert.deepEqual(exit.parent?.user, { name: 'root' })
  })

  it('without a name have their number', async () => {
    const { exec } = await run('/bin/true', [], { uid: 54321 })
    assert.equal(exec.process.user, undefined)
    assert.equal(exec.process.uid, 54321)
  })
})

describe('ancestors', () => {
  /** Whether they end at the root, or at a process with an unknown parent. */
  function goUp({ ancestors }: ObservedEvent, all: readonly ObservedEvent[]): boolean {
    const last = ancestors.at(-1)
    const above = all.some(({ process }) => process.exec_id === last?.parent_exec_id)
    return last?.pid === 1 || !above
  }

  it('go from the parent’s parent up to the first process', async () => {
    const script = '/bin/sh -c "/bin/sh -c \'/bin/true far-descendant; true\'; true"; true'
    const { pid } = spawnSync('/bin/sh', ['-c', script])
    const all = await watched.events.all()
    const events = all.filter(({ process }) => process.arguments === 'far-descendant')
    assert.equal(events.length, 2)
    for (const event of events) {
      const { parent, ancestors, line } = event
      assert.equal(ancestors[0].exec_id, parent?.parent_exec_id)
      for (const [i, each] of ancestors.slice(1).entries()) {
        assert.equal(each.exec_id, ancestors[i].parent_exec_id)
      }
      const pids = ancestors.map((each) => each.pid)
      assert.equal(pids[1], pid)
      assert.equal(pids[2], process.pid)
      assert.ok(goUp(event, all))
      assert.ok(ancestors[0].refcnt)
      // A first process that the task iterator omits is only known from /proc.
      assert.ok(ancestors.every(({ pid, cap, ns }) => pid === 1 || (cap && ns)))
      assert.ok(matches(line, { ancestor_binary_regex: ['/node$'] }))
      assert.ok(!matches(line, { ancestor_binary_regex: ['/true$'] }))
    }
  })

  it('are remembered when all of them ended, through many forks and executions', async () => {
    // Each shell ends before its child runs; the last one replaces itself many times.
    const replace =
      'n=$1; if [ $n -gt 0 ]; then exec /bin/sh -c "$0" "$0" $((n - 1)); fi; exec /bin/true remembered'
    const script =
      'if [ $1 -gt 0 ]; then (sleep 0.01; exec /bin/sh -c "$0" "$0" $(($1 - 1)) "$2") & exit; fi; ' +
      'exec /bin/sh -c "$2" "$2" 20'
    const { pid } = spawnSync('/bin/sh', ['-c', script, script, '3', replace])
    const event = await watched.events.waitFor((each) => each.process.arguments === 'remembered')
    const pids = event.ancestors.map((each) => each.pid)
    assert.ok(pids.includes(pid), `${pid} is not among ${pids}`)
    assert.ok(pids.includes(process.pid))
    if (!goUp(event, await watched.events.all()))
      console.error(
        JSON.stringify(
          event.ancestors
            .slice(-3)
            .map((a) => [a.pid, a.binary, a.exec_id, a.parent_exec_id, a.flags]),
        ),
      )
    assert.ok(goUp(event, await watched.events.all()))
  })
})

describe('every event', () => {
  it('includes its cluster, and fits the compact output', async () => {
    const { line, exec } = await run('/bin/true', [])
    assert.match(line, /"cluster_name":"käse"/)
    assert.ok(line.length < mebibyte)
    // Root has more than 21 capabilities, from which on the mark is shown.
    assert.match(exec.compact, /\/bin\/true +🛑 CAP_SYS_ADMIN\n$/)
  })
})
