import assert from 'node:assert/strict'
import { execFileSync, fork, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readdirSync, realpathSync, rmdirSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  assemble,
  atomicAdd,
  attachType,
  exit,
  loadMapValue,
  mov,
  programType,
  r0,
  r1,
  r2,
} from '../asm/index.ts'
import { Btf } from '../btf/index.ts'
import {
  type LoadedProgram,
  listPrograms,
  loadProgram,
  type ProgramOptions,
} from '../programs/index.ts'
import { findMount } from '../sys/index.ts'
import {
  array,
  createMap,
  entryPoint,
  type FeatureName,
  listMaps,
  type OpenMap,
  probe,
  u64,
} from '../testing/index.ts'
import {
  attachCgroup,
  attachIterator,
  attachKprobe,
  attachKprobeMulti,
  attachRawTracepoint,
  attachTracepoint,
  attachTracing,
  attachUprobe,
  attachUprobeMulti,
  type Link,
  runIterator,
} from './index.ts'

const { tracing, kprobe } = programType
/** A small program: Node.js takes an emulated processor a second to start. */
const small = realpathSync('/bin/true')
const openFunction = 'do_sys_openat2'

let btf: Btf | undefined
function typeId(name: string, kind: 'func' | 'typedef' = 'func'): number {
  btf ??= Btf.open()
  return btf.find(name, kind)!
}

/** A program that counts its runs and gives the result. */
function counting(
  options: Omit<ProgramOptions, 'name' | 'code'>,
  counter: OpenMap<number, bigint>,
  result = 0,
): LoadedProgram {
  const { bytes } = assemble([
    loadMapValue(r1, counter.fd.number, 0),
    mov(r2, 1),
    atomicAdd(8, r1, 0, r2),
    mov(r0, result),
    exit(),
  ])
  return loadProgram({ ...options, name: 'leak_link', code: bytes })
}

const newCounter = () => createMap(array('leak_counter', { value: u64 }))

const runProcess = () => void spawnSync(small)
const openFile = () => closeSync(openSync('/proc/self/status', 'r'))

async function openUdpSocket(): Promise<void> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  socket.close()
  await once(socket, 'close')
}

async function connectTcp(): Promise<void> {
  const server = createServer((socket) => void socket.end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as { port: number }).port, '127.0.0.1')
  client.resume()
  await once(client, 'close')
  server.close()
  await once(server, 'close')
}

interface Case {
  readonly name: string
  readonly feature: FeatureName
  readonly options: () => Omit<ProgramOptions, 'name' | 'code'>
  readonly result?: number
  readonly attach: (program: LoadedProgram) => Link
  readonly trigger: () => void | Promise<void>
  readonly kind: string
  readonly target: string | RegExp
}

const cgroupRoot = findMount('cgroup2') ?? ''
const traced = (attach: number, name: string, kind: 'func' | 'typedef' = 'func') => ({
  type: tracing,
  expectedAttachType: attach,
  attachBtfId: typeId(name, kind),
})

const cases: readonly Case[] = [
  {
    name: 'raw tracepoint',
    feature: 'raw_tp',
    options: () => ({ type: programType.rawTracepoint }),
    attach: (it) => attachRawTracepoint(it, 'sched_process_exec'),
    trigger: runProcess,
    kind: 'raw_tracepoint',
    target: 'sched_process_exec',
  },
  {
    name: 'typed raw tracepoint',
    feature: 'tp_btf',
    options: () => traced(attachType.traceRawTp, 'btf_trace_sched_process_fork', 'typedef'),
    attach: (it) => attachTracing('tp_btf', it, 'sched_process_fork'),
    trigger: runProcess,
    kind: 'tp_btf',
    target: 'sched_process_fork',
  },
  {
    name: 'tracepoint',
    feature: 'tracepoint',
    options: () => ({ type: programType.tracepoint }),
    attach: (it) => attachTracepoint(it, 'sched', 'sched_process_exec'),
    trigger: runProcess,
    kind: 'tracepoint',
    target: 'sched:sched_process_exec',
  },
  {
    name: 'kprobe',
    feature: 'kprobe',
    options: () => ({ type: kprobe }),
    attach: (it) => attachKprobe(it, openFunction),
    trigger: openFile,
    kind: 'kprobe',
    target: openFunction,
  },
  {
    name: 'kretprobe',
    feature: 'kprobe',
    options: () => ({ type: kprobe }),
    attach: (it) => attachKprobe(it, openFunction, { atReturn: true }),
    trigger: openFile,
    kind: 'kretprobe',
    target: openFunction,
  },
  {
    name: 'kprobe.multi',
    feature: 'kprobe_multi',
    options: () => ({ type: kprobe, expectedAttachType: attachType.traceKprobeMulti }),
    attach: (it) => attachKprobeMulti(it, { symbols: [openFunction, 'do_exit'] }),
    trigger: openFile,
    kind: 'kprobe.multi',
    target: `${openFunction} and 1 more`,
  },
  {
    name: 'kretprobe.multi with cookies',
    feature: 'kprobe_multi',
    options: () => ({ type: kprobe, expectedAttachType: attachType.traceKprobeMulti }),
    attach: (it) =>
      attachKprobeMulti(it, { symbols: [openFunction], cookies: [7n], atReturn: true }),
    trigger: openFile,
    kind: 'kretprobe.multi',
    target: openFunction,
  },
  {
    name: 'fentry',
    feature: 'fentry',
    options: () => traced(attachType.traceFentry, openFunction),
    attach: (it) => attachTracing('fentry', it, openFunction),
    trigger: openFile,
    kind: 'fentry',
    target: openFunction,
  },
  {
    name: 'fexit',
    feature: 'fexit',
    options: () => traced(attachType.traceFexit, openFunction),
    attach: (it) => attachTracing('fexit', it, openFunction),
    trigger: openFile,
    kind: 'fexit',
    target: openFunction,
  },
  {
    name: 'fmod_ret',
    feature: 'fmod_ret',
    options: () => traced(attachType.modifyReturn, 'security_file_open'),
    attach: (it) => attachTracing('fmod_ret', it, 'security_file_open'),
    trigger: openFile,
    kind: 'fmod_ret',
    target: 'security_file_open',
  },
  {
    name: 'LSM',
    feature: 'lsm',
    options: () => ({
      type: programType.lsm,
      expectedAttachType: attachType.lsmMac,
      attachBtfId: typeId('bpf_lsm_file_open'),
    }),
    attach: (it) => attachTracing('lsm', it, 'file_open'),
    trigger: openFile,
    kind: 'lsm',
    target: 'file_open',
  },
  {
    name: 'uprobe',
    feature: 'uprobe',
    options: () => ({ type: kprobe }),
    attach: (it) => attachUprobe(it, small, entryPoint(small)),
    trigger: runProcess,
    kind: 'uprobe',
    target: /true:0x[0-9a-f]+$/,
  },
  {
    name: 'uprobe.multi',
    feature: 'uprobe_multi',
    options: () => ({ type: kprobe, expectedAttachType: attachType.traceUprobeMulti }),
    attach: (it) => attachUprobeMulti(it, small, { offsets: [entryPoint(small)], cookies: [3n] }),
    trigger: runProcess,
    kind: 'uprobe.multi',
    target: /true at 1 locations$/,
  },
  {
    name: 'cgroup program',
    feature: 'cgroup',
    options: () => ({
      type: programType.cgroupSock,
      expectedAttachType: attachType.cgroupInetSockCreate,
    }),
    result: 1,
    attach: (it) => attachCgroup(it, cgroupRoot, attachType.cgroupInetSockCreate),
    trigger: openUdpSocket,
    kind: 'cgroup',
    target: cgroupRoot,
  },
  {
    name: 'sock_ops',
    feature: 'sock_ops',
    options: () => ({ type: programType.sockOps, expectedAttachType: attachType.cgroupSockOps }),
    result: 1,
    attach: (it) => attachCgroup(it, cgroupRoot, attachType.cgroupSockOps),
    trigger: connectTcp,
    kind: 'cgroup',
    target: cgroupRoot,
  },
]

/** Mounts tracefs for the time of the tests if it is not mounted. */
function mountTracefs(): (() => void) | undefined {
  if (findMount('tracefs')) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'tracefs-'))
  try {
    execFileSync('mount', ['-t', 'tracefs', 'tracefs', folder], { stdio: 'ignore' })
  } catch {
    rmdirSync(folder)
    return undefined
  }
  return () => {
    execFileSync('umount', [folder])
    rmdirSync(folder)
  }
}

/** Programs and maps of these tests that the kernel still holds. */
function held(name: string): number {
  return [...listPrograms(), ...listMaps()].filter((it) => it.name === name).length
}

/** The kernel frees programs and maps some time after the last reference has gone. */
async function assertFreed(...names: string[]): Promise<void> {
  const left = () => names.reduce((sum, name) => sum + held(name), 0)
  for (let tries = 0; tries < 600 && left() > 0; tries++) await sleep(50)
  assert.equal(left(), 0, `the kernel still holds ${names}`)
}

if (process.argv[2] === 'attach and wait') {
  const counter = newCounter()
  const program = counting({ type: programType.rawTracepoint }, counter)
  attachRawTracepoint(program, 'sched_process_exec')
  const { type, expectedAttachType } = cases.find((it) => it.feature === 'cgroup')!.options()
  if (cgroupRoot) {
    const filter = counting({ type, expectedAttachType }, counter, 1)
    attachCgroup(filter, cgroupRoot, expectedAttachType!)
  }
  process.send!('attached')
  setInterval(() => {}, 1000)
} else {
  const unmount = mountTracefs()

  for (const { name, feature, options, result, attach, trigger, kind, target } of cases) {
    test(`${name} fires until it is closed`, async (t) => {
      const { answer, reason } = probe(feature)
      if (answer !== 'yes') return t.skip(reason)
      using counter = newCounter()
      using program = counting(options(), counter, result)
      const link = attach(program)
      assert.equal(link.kind, kind)
      assert.ok(typeof target === 'string' ? link.target === target : target.test(link.target))
      await trigger()
      assert.ok(counter.lookup(0)! > 0n, 'it ran')
      // Closing the program is fine: the link holds it.
      program.close()
      const before = counter.lookup(0)!
      await trigger()
      assert.ok(counter.lookup(0)! > before, 'it ran again')
      await link.detach()
      await link.detach()
      link.close()
      const after = counter.lookup(0)!
      await trigger()
      assert.equal(counter.lookup(0), after, 'it runs no more')
    })
  }

  test('iterator runs once per task', (t) => {
    const { answer, reason } = probe('iterator')
    if (answer !== 'yes') return t.skip(reason)
    using counter = newCounter()
    using program = counting(traced(attachType.traceIter, 'bpf_iter_task'), counter)
    using link = attachIterator(program, 'task')
    assert.equal(runIterator(link).length, 0)
    const all = Number(counter.lookup(0))
    assert.ok(all >= readdirSync('/proc').filter((it) => /^\d+$/.test(it)).length - 5)
    runIterator(link)
    assert.ok(Number(counter.lookup(0)) > all)
  })

  test('iterator over one process (kernel 6.1)', (t) => {
    const { answer, reason } = probe('iterator')
    if (answer !== 'yes') return t.skip(reason)
    using counter = newCounter()
    using program = counting(traced(attachType.traceIter, 'bpf_iter_task'), counter)
    let link: ReturnType<typeof attachIterator>
    try {
      link = attachIterator(program, 'task', { pid: process.pid })
    } catch (error) {
      return t.skip(String(error))
    }
    runIterator(link)
    link.close()
    // One run per thread, and one at the end without a task.
    const threads = readdirSync('/proc/self/task').length
    assert.ok(Math.abs(Number(counter.lookup(0)) - (threads + 1)) <= 2)
  })

  test('errors name the action and the cause', (t) => {
    using counter = newCounter()
    using program = counting({ type: programType.rawTracepoint }, counter)
    assert.throws(
      () => attachRawTracepoint(program, 'no_such_tracepoint'),
      /^SystemCallError: attach raw_tracepoint no_such_tracepoint: ENOENT \(/,
    )
    assert.throws(() => attachCgroup(program, '/nonexistent', 0), /ENOENT/)
    assert.throws(
      () => attachUprobe(program, small, 16, { counterOffset: 2 ** 32 }),
      /^EbpfError: attach uprobe \S+:0x10: reference counter offset 0x100000000 is not below 4 GiB$/,
    )
    assert.throws(() => attachKprobeMulti(program, {}), /give either symbols or addresses/)
    if (probe('tracepoint').answer === 'yes') {
      assert.throws(
        () => attachTracepoint(program, 'sched', 'nothing'),
        /attach tracepoint sched:nothing: no such tracepoint/,
      )
    }
    if (probe('kprobe').answer === 'yes') {
      using probeProgram = counting({ type: kprobe }, counter)
      assert.throws(
        () => attachKprobe(probeProgram, 'no_such_function'),
        /^SystemCallError: attach kprobe no_such_function: E/,
      )
    } else {
      t.diagnostic(probe('kprobe').reason)
    }
  })

  test('nothing stays attached when the process is killed', async () => {
    const child = fork(import.meta.filename, ['attach and wait'])
    await once(child, 'message')
    assert.ok(held('leak_link') > 0)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await assertFreed('leak_link', 'leak_counter')
  })

  // Emulated processors take a tenth of a second for each.
  const attachments = process.env.TETRAGON_TEST_KERNEL === undefined ? 1000 : 30
  test(`${attachments} attachments leave nothing behind`, async (t) => {
    const able = cases.filter((it) => probe(it.feature).answer === 'yes')
    // The kernel takes 0.1 s to let go of each of these.
    const slow = new Set<FeatureName>(['uprobe', 'uprobe_multi', 'kprobe', 'tracepoint'])
    const quick = able.filter((it) => !slow.has(it.feature))
    const once = (it: Case) => {
      using counter = newCounter()
      using program = counting(it.options(), counter, it.result)
      using link = it.attach(program)
      assert.equal(link.kind, it.kind)
    }
    for (const it of able) once(it)
    await assertFreed('leak_link', 'leak_counter')
    const descriptors = readdirSync('/proc/self/fd').length
    for (let i = 0; i < attachments; i++) once(quick[i % quick.length])
    for (const it of able) for (let i = 0; i < 3; i++) once(it)
    await assertFreed('leak_link', 'leak_counter')
    assert.equal(readdirSync('/proc/self/fd').length, descriptors)
    t.diagnostic(`kinds: ${able.map((it) => it.name).join(', ')}`)
  })

  test('the mount made for these tests goes', () => unmount?.())
}
