import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { attachType } from '../asm/index.ts'
import {
  type Code,
  cgroupDevice,
  cgroupSocketCreate,
  cgroupSocketOption,
  cgroupSysctl,
  type IntLike,
  program,
} from '../lang/index.ts'
import { attachCgroup } from '../links/index.ts'
import { hashMap } from '../maps/index.ts'
import { record, u32, u64 } from '../records/index.ts'
import { bpf, bpfCommand, findMount } from '../sys/index.ts'
import { type FeatureName, probe } from '../testing/index.ts'
import { Collection } from './index.ts'

const Seen = record('seen', { a: u32, b: u32, c: u32, d: u32 })
const newSeen = () => hashMap('seen', { key: Seen, value: u64, maxEntries: 64 })

/** Notes the arguments of a call. */
function note(k: Code, seen: ReturnType<typeof newSeen>, values: readonly IntLike[]): void {
  const [a, b, c = 0, d = 0] = values
  k.update(seen, { a, b, c, d }, 1)
}

const root = findMount('cgroup2')
const AF_INET = 2
const [SOCK_STREAM, SOCK_DGRAM] = [1, 2]
const [IPPROTO_TCP, IPPROTO_UDP] = [6, 17]
const [IPPROTO_IP, IP_TTL, IP_TOS] = [0, 2, 1]
const characterDevice = 2
const [READ, WRITE] = [2, 4]

describe('programs at cgroups', { skip: root === undefined && 'cgroup2 is not mounted' }, () => {
  let group: string
  before(() => {
    group = mkdtempSync(join(root as string, 'ebpf-test-'))
  })
  after(() => group && rmdirSync(group))

  /** Runs a program in a group. @returns whether it succeeded */
  function succeeds(command: readonly string[], at = group): boolean {
    const words = ['echo $$ >"$0"/cgroup.procs && exec "$@"', at, ...command]
    const { status, stderr } = spawnSync('/bin/sh', ['-c', ...words], { encoding: 'utf8' })
    if (status !== 0) assert.match(stderr, /EPERM|not permitted/i)
    return status === 0
  }
  const bash = (text: string) => ['/bin/bash', '-c', text]

  function needs(feature: FeatureName, t: TestContext): boolean {
    const { answer, reason } = probe(feature)
    if (answer !== 'yes') t.skip(reason)
    return answer === 'yes'
  }

  it('decide about sockets by family, type and protocol', (t) => {
    if (!needs('cgroup', t)) return
    const seen = newSeen()
    const decides = program('sockets', cgroupSocketCreate(group), (k, asked) => {
      note(k, seen, [asked.family, asked.type, asked.protocol])
      k.when(asked.type.eq(SOCK_DGRAM), () => k.exit(0))
    })
    const udp = bash('echo >/dev/udp/127.0.0.1/9')
    const tcp = bash('(echo >/dev/tcp/127.0.0.1/1) 2>&1 | grep -q refused')
    assert.deepEqual([succeeds(udp), succeeds(tcp)], [true, true])
    {
      using collection = new Collection()
      collection.attach(decides)
      assert.deepEqual([succeeds(udp), succeeds(tcp)], [false, true])
      const keys = [...collection.map(seen).keys()].sort((one, other) => one.b - other.b)
      assert.deepEqual(keys, [
        { a: AF_INET, b: SOCK_STREAM, c: IPPROTO_TCP, d: 0 },
        { a: AF_INET, b: SOCK_DGRAM, c: IPPROTO_UDP, d: 0 },
      ])
    }
    assert.ok(succeeds(udp))
  })

  it('decide about options of sockets by level and name', (t) => {
    if (!needs('cgroup_sockopt', t)) return
    const seen = newSeen()
    const decides = program('options', cgroupSocketOption(group), (k, { level, name }) => {
      note(k, seen, [level, name])
      k.when(level.eq(IPPROTO_IP).and(name.eq(IP_TTL)), () => k.exit(0))
    })
    const set = (call: string) => [
      ...[process.execPath, '-e'],
      `const s = require('dgram').createSocket('udp4'); s.bind(0, () => { ${call}; s.close() })`,
    ]
    const [hops, broadcast] = [set('s.setTTL(3)'), set('s.setBroadcast(true)')]
    assert.ok(succeeds(hops))
    using collection = new Collection()
    collection.attach(decides)
    assert.deepEqual([succeeds(hops), succeeds(broadcast)], [false, true])
    const names = [...collection.map(seen).keys()].map(({ a, b }) => `${a} ${b}`)
    assert.ok(names.includes(`${IPPROTO_IP} ${IP_TTL}`))
    assert.ok(!names.includes(`${IPPROTO_IP} ${IP_TOS}`))
  })

  it('decide about devices, in groups with programs of their own too', (t) => {
    if (!needs('cgroup_device', t)) return
    const inner = join(group, 'inner')
    mkdirSync(inner)
    t.after(() => rmdirSync(inner))
    const seen = newSeen()
    const decides = program('devices', cgroupDevice(group), (k, asked) => {
      const { kind, major, minor, access } = asked
      note(k, seen, [kind, major, minor, access])
      k.when(minor.eq(5).and(access.has(READ)), () => k.exit(0))
    })
    const allows = program('allows', cgroupDevice(inner), (k) => k.exit(1))
    const [zero, full] = [bash('head -c 1 /dev/zero'), bash(': </dev/full')]
    using collection = new Collection()
    const own = collection.load(allows)
    assert.ok(succeeds(zero))
    const link = collection.attach(decides)
    assert.deepEqual([succeeds(zero), succeeds(full), succeeds(zero, inner)], [false, true, false])
    const keys = [...collection.map(seen).keys()]
    // /dev/zero is 1:5, /dev/full 1:7: Documentation/admin-guide/devices.txt.
    for (const minor of [5, 7]) {
      const wanted = { a: characterDevice, b: 1, c: minor, d: READ }
      assert.ok(keys.some((key) => JSON.stringify(key) === JSON.stringify(wanted)))
    }
    assert.ok(keys.every(({ d }) => (d & ~(READ | WRITE)) === 0))
    {
      using shared = attachCgroup(own, inner, attachType.cgroupDevice)
      assert.equal(shared.target, inner)
      assert.ok(!succeeds(zero, inner))
    }
    // A program that wants no others: without BPF_F_ALLOW_MULTI.
    const folder = openSync(inner, 'r')
    try {
      bpf(
        bpfCommand.progAttach,
        (attr) => attr.u32(0, folder).u32(4, own.fd.number).u32(8, attachType.cgroupDevice),
        'attach alone',
      )
      assert.ok(!succeeds(zero, inner))
      link.close()
      assert.ok(succeeds(zero, inner))
    } finally {
      closeSync(folder)
    }
  })

  it('decide about sysctls by read and write', (t) => {
    if (!needs('cgroup_sysctl', t)) return
    const decides = program('sysctls', cgroupSysctl(group), (k, { write }) => {
      k.when(write.eq(1), () => k.exit(0))
    })
    const path = '/proc/sys/kernel/printk_ratelimit_burst'
    const [read, write] = [bash(`cat ${path}`), bash(`v=$(cat ${path}); echo $v >${path}`)]
    assert.deepEqual([succeeds(read), succeeds(write)], [true, true])
    using collection = new Collection()
    collection.attach(decides)
    assert.deepEqual([succeeds(read), succeeds(write)], [true, false])
  })
})
