import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { repeats } from '@tetragon-ts/agent/testing'
import { probe } from '@tetragon-ts/ebpf/features'
import { repositoryRoot } from '../../vm/repository.ts'
import { Attacked, countsOf, hitsOf, type Loaded, outcomes, policy, refuse } from './attack.ts'
import { allowed, forbidden, Packets, type Sender } from './packets.ts'

const count = repeats(200, 20)
const byCgroup = '{name: override-method, value: cgroup}'
const functions = { 4: 'ip_finish_output', 6: 'ip6_finish_output' } as const

interface Wanted {
  readonly actions?: string
  readonly options?: string
  readonly more?: string
  readonly name?: string
  readonly matches?: string
}

/** A policy that refuses packets to the forbidden address before they leave. */
function forbid(version: 4 | 6, wanted: Wanted = {}): string {
  const { actions = refuse, options = byCgroup, more = '', name = 'packets' } = wanted
  const { matches = `operator: DAddr, values: ["${forbidden[version]}"]` } = wanted
  return policy(
    name,
    `
options: [${options}]
kprobes:
- call: ${functions[version]}
  syscall: false
  args: [{index: 2, type: skb}, {index: 1, type: sock}]
  selectors:
  - matchArgs: [{index: 2, ${matches}}]
    ${more}
    matchActions: [${actions}]`,
  )
}

/** A policy that refuses packets before sockets get them. */
function forbidReceiving(
  version: 4 | 6,
  section: 'kprobes' | 'lsmhooks',
  { options = byCgroup, more = '' } = {},
): string {
  const hook = {
    kprobes: 'call: security_sock_rcv_skb\n  syscall: false',
    lsmhooks: 'hook: socket_sock_rcv_skb',
  }
  return policy(
    'packets',
    `
options: [${options}]
${section}:
- ${hook[section]}
  args: [{index: 0, type: sock}, {index: 1, type: skb}]
  selectors:
  - matchArgs: [{index: 1, operator: DAddr, values: ["${forbidden[version]}"]}]
    ${more}
    matchActions: [${refuse}]`,
  )
}

interface Case {
  readonly sender: Sender
  readonly versions: readonly (4 | 6)[]
  /** The error of the call; 0 if it does not fail. */
  readonly error?: number
  /** Whether sockets get the packets without a policy. */
  readonly arrives?: false
}

/** EPERM: include/uapi/asm-generic/errno-base.h */
const EPERM = 1
const cases: readonly Case[] = [
  { sender: 'message', versions: [4, 6] },
  { sender: 'mapped', versions: [4] },
  { sender: 'connected', versions: [4, 6] },
  { sender: 'large', versions: [4, 6] },
  { sender: 'segments', versions: [4, 6] },
  // The kernel tries again by itself.
  { sender: 'connection', versions: [4, 6], error: 0 },
  { sender: 'established', versions: [4, 6], error: 0 },
  { sender: 'echo', versions: [4, 6] },
  { sender: 'ping', versions: [4] },
  // ping_v6_sendmsg does not return the error.
  { sender: 'ping', versions: [6], error: 0 },
  { sender: 'header', versions: [4] },
  { sender: 'other-route', versions: [4] },
  // The headers do not have the last destination, or not in their place.
  { sender: 'routed-over', versions: [4], arrives: false },
  { sender: 'routed-to', versions: [4], arrives: false },
  { sender: 'segments-over', versions: [6], arrives: false },
  { sender: 'segments-to', versions: [6], arrives: false },
  { sender: 'wrong-version', versions: [4], arrives: false },
  { sender: 'no-version', versions: [4], arrives: false },
]

const means = 'cgroup (only packets of Internet sockets)'
const { answer, reason } = probe('cgroup_skb')

describe('refusals of packets', { skip: answer !== 'yes' && reason }, () => {
  let attacked: Attacked
  let packets: Packets
  before(async () => {
    attacked = await Attacked.start()
    packets = await Packets.of(attacked)
  })
  after(() => attacked?.run.stop())

  /** Sends while a policy is loaded, with what was prepared before. */
  async function sendUnder(text: string, ...[sender, version]: readonly [Sender, 4 | 6]) {
    let loaded: Loaded | undefined
    const between = async () => {
      loaded = await attacked.run.load(text)
    }
    try {
      const seen = await packets.send(sender, count, version, { between })
      return { ...seen, counts: countsOf(loaded as Loaded) }
    } finally {
      if (loaded) await attacked.run.unload(loaded)
    }
  }

  for (const { sender, versions, error = EPERM, arrives } of cases) {
    for (const version of versions) {
      it(`prevent that they leave: ${sender}, IPv${version}`, async () => {
        const { tally: before } = await packets.send(sender, count, version)
        assert.deepEqual(before.refused, {})
        assert.ok(before.left > 0, JSON.stringify(before))
        if (arrives !== false) assert.ok(before.received >= count, JSON.stringify(before))
        const { tally, events, counts } = await sendUnder(forbid(version), sender, version)
        const refused = error === 0 ? {} : { [error]: count }
        assert.deepEqual(tally, { attempts: count, refused, left: 0, received: 0 })
        assert.deepEqual(Object.keys(outcomes(events)), [`OVERRIDE: ${means}, done`])
        assert.ok(counts.override > 0)
        const { tally: after } = await packets.send(sender, count, version)
        const { refused: none, received } = after
        assert.deepEqual([none, received], [{}, before.received], JSON.stringify(after))
      })
    }
  }

  it('allow packets to other addresses', async () => {
    for (const version of [4, 6] as const) {
      await attacked.under(forbid(version), async (loaded) => {
        for (const sender of ['message', 'connection', 'echo', 'large'] as const) {
          const { tally } = await packets.send(sender, count, version, { to: allowed[version] })
          assert.deepEqual([tally.refused, tally.received], [{}, count], sender)
        }
        assert.equal(countsOf(loaded).override, 0)
      })
    }
  })

  for (const section of ['kprobes', 'lsmhooks'] as const) {
    for (const version of [4, 6] as const) {
      it(`prevent that they arrive: ${section}, IPv${version}`, async () => {
        for (const sender of ['message', 'large', 'established', 'echo'] as const) {
          const { tally } = await sendUnder(forbidReceiving(version, section), sender, version)
          assert.deepEqual([tally.refused, tally.received], [{}, 0], sender)
          assert.notEqual(tally.left, 0, sender)
        }
      })
    }
  }

  for (const version of [4, 6] as const) {
    it(`find ports wherever a raw socket has them: IPv${version}`, async () => {
      const text = forbid(version, { matches: 'operator: DPort, values: ["7777"]' })
      for (const sender of version === 4 ? (['header', 'paged'] as const) : (['paged'] as const)) {
        const { tally: before } = await packets.send(sender, count, version)
        assert.deepEqual([before.refused, before.left], [{}, count], sender)
        const { tally } = await sendUnder(text, sender, version)
        assert.deepEqual([tally.refused, tally.left], [{ [EPERM]: count }, 0], sender)
      }
    })
  }

  it('leave only packets to addresses in a list', async () => {
    const file = join(repositoryRoot, 'policies', 'enforce', 'egress-packets.yaml')
    const start = '        - matchArgs:\n'
    // Other packets of this host are not to be dropped.
    const only = `${start}            - {index: 2, operator: DPort, values: ["7777"]}\n`
    const text = readFileSync(file, 'utf8')
      .replace(start, only)
      .replace('127.0.0.0/8', `${allowed[4]}/32`)
      .replace('fc00::/7', `${allowed[6]}/128`)
    await attacked.under(text, async () => {
      for (const version of [4, 6] as const) {
        for (const sender of ['message', 'connection', 'large'] as const) {
          const good = await packets.send(sender, count, version, { to: allowed[version] })
          assert.deepEqual([good.tally.refused, good.tally.received], [{}, count], sender)
          const { tally } = await packets.send(sender, count, version)
          assert.deepEqual([tally.left, tally.received], [0, 0], sender)
        }
      }
    })
  })

  for (const by of ['lsm', 'fmod_ret'] as const) {
    it(`prevent that they arrive, by ${by}`, async (t) => {
      const { answer, reason } = probe(by)
      if (answer !== 'yes') return t.skip(reason)
      const section = by === 'lsm' ? 'lsmhooks' : 'kprobes'
      const options = by === 'lsm' ? '' : '{name: override-method, value: fmod-ret}'
      for (const version of [4, 6] as const) {
        const text = forbidReceiving(version, section, { options })
        const { tally, events } = await sendUnder(text, 'message', version)
        assert.deepEqual([tally.refused, tally.left, tally.received], [{}, count, 0])
        assert.match(Object.keys(outcomes(events)).join(), new RegExp(`^OVERRIDE: ${by}.*, done$`))
        assert.equal(events[0].process?.flags, 'unknown')
      }
      const more = 'matchBinaries: [{operator: In, values: ["/bin/sh"]}]'
      await assert.rejects(
        attacked.run.load(forbidReceiving(4, section, { options, more })),
        new RegExp(`${by}: matchBinaries would be about the current process`),
      )
    })
  }

  it('prevent that another host gets them', async (t) => {
    const setUp = 'ip link add name veth0 type veth peer name veth1'
    const { status, stderr } = spawnSync('/usr/bin/unshare', ['-n', '/bin/sh', '-c', setUp])
    if (status !== 0) return t.skip(`${setUp}: ${stderr}`)
    for (const [version, to] of [[4, '192.0.2.2'] as const, [6, '2001:db8::2'] as const]) {
      const seen = () => packets.send('message', count, version, { to, device: 'veth1' })
      const { tally } = await seen()
      assert.deepEqual([tally.refused, tally.left], [{}, count])
      await attacked.under(
        forbid(version, { matches: `operator: DAddr, values: ["${to}"]` }),
        async () => {
          const { tally } = await seen()
          assert.deepEqual([tally.refused, tally.left], [{ [EPERM]: count }, 0])
        },
      )
    }
  })

  it('do not concern packet sockets', async () => {
    const { tally, counts } = await sendUnder(forbid(4), 'frame', 4)
    assert.deepEqual([tally.refused, tally.left, counts.override], [{}, count, 0])
  })

  it('have the packet and its socket, and no process that has nothing to do with it', async () => {
    const { events } = await sendUnder(forbid(4), 'message', 4)
    const [{ process, args }] = events
    assert.deepEqual([process?.flags, process?.exec_id], ['unknown', undefined])
    assert.equal(args?.[0].skb_arg?.daddr, forbidden[4])
    assert.equal(args?.[0].skb_arg?.dport, 7777)
    assert.equal(args?.[1].sock_arg?.protocol, 'IPPROTO_UDP')
    assert.equal(args?.[1].sock_arg?.family, 'AF_INET')
  })

  it('have the process that owns the socket, if the policy tracks sockets', async () => {
    const text = `${forbid(4)}  - call: security_socket_connect
    syscall: false
    args: [{index: 0, type: socket}]
    selectors: [{matchActions: [{action: TrackSock, argSock: 0}, {action: NoPost}]}]
`
    const { tally, events, pid } = await packets.send('connected', count, 4)
    assert.deepEqual([tally.received, events], [count, []])
    assert.ok(pid > 0)
    await attacked.under(text, async () => {
      const { events, pid } = await packets.send('connected', count, 4)
      assert.equal(hitsOf(events), count)
      assert.deepEqual(new Set(events.map(({ process }) => process?.pid)), new Set([pid]))
    })
  })

  it('concern packets of the agent, too', async () => {
    const socket = createSocket('udp4')
    const send = () =>
      new Promise((resolve) => socket.send('m', 7777, forbidden[4], (error) => resolve(error)))
    try {
      assert.equal(await send(), null)
      await attacked.under(forbid(4), async () => {
        assert.match(String(await send()), /EPERM/)
      })
    } finally {
      socket.close()
    }
  })

  it('are only counted in mode monitor', async () => {
    const options = `${byCgroup}, {name: policy-mode, value: monitor}`
    const { tally, counts } = await sendUnder(forbid(4, { options }), 'message', 4)
    assert.deepEqual([tally.refused, tally.received], [{}, count])
    assert.deepEqual([counts.override, counts.monitor_override], [0, count])
  })

  it('of one policy hold among more policies than the kernel has room for', async () => {
    // More than BPF_CGROUP_MAX_PROGS in include/linux/bpf-cgroup-defs.h.
    const many = repeats(66, 8)
    const loaded: Loaded[] = []
    try {
      for (let i = 0; i < many; i++) {
        const monitor = i === many - 1 ? '' : ', {name: policy-mode, value: monitor}'
        const wanted = { options: byCgroup + monitor, name: `packets-${i}` }
        loaded.push(await attacked.run.load(forbid(4, wanted)))
      }
      const { tally } = await packets.send('message', count, 4)
      assert.deepEqual([tally.refused, tally.left], [{ [EPERM]: count }, 0])
      const seen = loaded.map(countsOf).map((each) => each.override + each.monitor_override)
      assert.deepEqual(new Set(seen), new Set([count]))
    } finally {
      for (const each of loaded) await attacked.run.unload(each)
    }
  })

  describe('are refused', () => {
    const refusedPolicies: Readonly<Record<string, readonly [text: string, message: RegExp]>> = {
      'if the current process decides': [
        forbid(4, { more: 'matchBinaries: [{operator: In, values: ["/bin/sh"]}]' }),
        /cgroup: matchBinaries would be about the current process, .* hook security_socket_connect/,
      ],
      'if processes are counted': [
        forbid(4, { options: `${byCgroup}, {name: process-limit, value: "3"}` }),
        /cgroup: process-limit would be about the current process/,
      ],
      'if the current process becomes the owner of the socket': [
        forbid(4, { actions: `{action: TrackSock, argSock: 1}, ${refuse}` }),
        /cgroup: TrackSock would be about the current process/,
      ],
      'unless the policy permits that other packets are not seen': [
        forbid(4, { options: '' }),
        /cgroup: it only sees packets of Internet sockets.*set override-method to cgroup/,
      ],
      'with another error than EPERM': [
        forbid(4, { actions: '{action: Override, argError: -13}' }),
        /cgroup: the kernel returns EPERM for what it refuses: argError must be -1/,
      ],
      'with a signal': [
        forbid(4, { actions: `{action: Sigkill}, ${refuse}` }),
        /the current process .* need not be the one that acts: packets are also sent .*interrupts/,
      ],
    }
    for (const [when, [text, message]] of Object.entries(refusedPolicies)) {
      it(when, async () => {
        await assert.rejects(async () => {
          await attacked.run.unload(await attacked.run.load(text))
        }, message)
      })
    }
  })
})
