import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { PolicyError } from '@tetragon-ts/agent'
import { guestKernel } from '@tetragon-ts/agent/testing'
import { probe } from '@tetragon-ts/ebpf/features'
import {
  Attacked,
  allowed,
  attempts,
  countsOf,
  type Loaded,
  type Operation,
  outcomes,
  policy,
  refuse,
  refused,
} from './attack.ts'
import { Listener } from './listener.ts'

interface Wanted {
  readonly port: number
  readonly call?: 'connect' | 'bind' | 'sendmsg'
  readonly section?: 'lsmhooks' | 'kprobes'
  readonly options?: string
  readonly actions?: string
  readonly name?: string
}

const byCgroup = '{name: override-method, value: cgroup}'

function forbid({ port, call = 'connect', section = 'kprobes', ...more }: Wanted): string {
  const { options = byCgroup, actions = refuse, name = 'forbids' } = more
  const hook = {
    kprobes: `call: security_socket_${call}\n  syscall: false`,
    lsmhooks: `hook: socket_${call}`,
  }
  return policy(
    name,
    `
options: [${options}]
${section}:
- ${hook[section]}
  args: [{index: 1, type: sockaddr${call === 'sendmsg' ? ', resolve: msg_name' : ''}}]
  selectors:
  - matchArgs: [{index: 1, operator: SPort, values: ["${port}"]}]
    matchActions: [${actions}]`,
  )
}

const connecting: readonly Operation[] = [
  ...(['connect4', 'connect6', 'connect-uring', 'fast-open', 'udp4', 'udp6'] as const),
]
const messages: readonly Operation[] = [
  ...(['message4', 'message6', 'message-mapped', 'message-unspec', 'message-many'] as const),
  'message-uring',
]
const cases = [
  ...connecting.map((operation) => ({ operation, call: 'connect' }) as const),
  ...messages.map((operation) => ({ operation, call: 'sendmsg' }) as const),
]
const seen = {
  connect: 'cgroup (only TCP, UDP and ping sockets)',
  sendmsg: 'cgroup (only UDP messages to an address)',
}
const means = seen.connect
const { answer, reason } = probe('cgroup_sock_addr')

describe('refusals by cgroup', { skip: answer !== 'yes' && reason }, () => {
  let attacked: Attacked
  let listener: Listener
  let other: Listener
  before(async () => {
    attacked = await Attacked.start()
    listener = await Listener.start()
    other = await Listener.start()
  })
  after(async () => {
    listener?.close()
    other?.close()
    await attacked?.run.stop()
  })

  /** @param program a copy of the one that attacks, for a policy that selects it */
  const attack = (operation: Operation, { port } = listener, program?: string) =>
    attacked.attack(operation, 'thread', String(port), program === undefined ? {} : { program })

  const counts = (loaded: Loaded) => {
    const { post, override, monitor_override } = countsOf(loaded)
    return { post, override, monitor_override }
  }

  for (const { operation, call } of cases) {
    it(`prevent delivery: ${operation}`, async (t) => {
      const before = await listener.allArrived()
      const { tally } = await attack(operation)
      // ENOSYS, EPERM: this kernel has no io_uring, or forbids it.
      if (operation.endsWith('uring') && tally.effects === 0) return t.skip('no io_uring')
      assert.deepEqual(tally, allowed)
      assert.notEqual(await listener.allArrived(), before)
      await attacked.under(forbid({ port: listener.port, call }), async (loaded) => {
        const start = await listener.allArrived()
        const { tally, events } = await attack(operation)
        assert.deepEqual(tally, refused(1))
        assert.equal(await listener.allArrived(), start)
        assert.deepEqual(outcomes(events), { [`OVERRIDE: ${seen[call]}, done`]: attempts })
        assert.deepEqual(counts(loaded), {
          post: attempts,
          override: attempts,
          monitor_override: 0,
        })
        assert.deepEqual((await attack(operation, other)).tally, allowed)
      })
      assert.deepEqual((await attack(operation)).tally, allowed)
    })
  }

  it('find an IPv4 address that is written as an IPv6 address', async () => {
    const text = forbid({ port: listener.port }).replace(
      'matchArgs: [',
      'matchArgs: [{index: 1, operator: SAddr, values: ["127.0.0.1"]}, ',
    )
    assert.deepEqual((await attack('connect-mapped')).tally, allowed)
    await attacked.under(text, async () => {
      assert.deepEqual((await attack('connect4')).tally, refused(1))
      assert.deepEqual((await attack('connect-mapped')).tally, refused(1))
      assert.deepEqual((await attack('connect6')).tally, allowed)
    })
  })

  it('have the address, the port and the socket', async () => {
    const text = forbid({ port: listener.port }).replace(
      'args: [',
      'args: [{index: 0, type: socket}, ',
    )
    await attacked.under(text, async () => {
      const { events } = await attack('connect6')
      const { args } = events[0]
      assert.equal(args?.[0].sock_arg?.protocol, 'IPPROTO_TCP')
      assert.deepEqual(args?.[1].sockaddr_arg, {
        family: 'AF_INET6',
        addr: '::1',
        port: listener.port,
      })
    })
  })

  for (const operation of ['bind4', 'bind6'] as const) {
    it(`prevent that a port is bound: ${operation}`, async () => {
      // A port that is not in use now.
      const free = await Listener.start()
      free.close()
      assert.deepEqual((await attack(operation, free)).tally, allowed)
      await attacked.under(forbid({ call: 'bind', port: free.port }), async () => {
        assert.deepEqual((await attack(operation, free)).tally, refused(1))
      })
    })
  }

  it('do not concern messages to the address that a socket is connected to', async () => {
    const program = attacked.copy('sender')
    const refusesAll = forbid({ port: 0, call: 'sendmsg' })
      .replace('SPort', 'NotSPort')
      .replace(
        'matchArgs',
        `matchBinaries: [{operator: In, values: ["${program}"]}]\n      matchArgs`,
      )
    await attacked.under(refusesAll, async (loaded) => {
      assert.deepEqual((await attack('message4', listener, program)).tally, refused(1))
      const before = counts(loaded)
      assert.deepEqual((await attack('message-connected', listener, program)).tally, allowed)
      assert.deepEqual(counts(loaded), before)
    })
  })

  it('are the same at an LSM hook', async () => {
    await attacked.under(forbid({ section: 'lsmhooks', port: listener.port }), async () => {
      assert.deepEqual((await attack('connect4')).tally, refused(1))
    })
  })

  it('are only counted in mode monitor', async () => {
    const options = `${byCgroup}, {name: policy-mode, value: monitor}`
    await attacked.under(forbid({ port: listener.port, options }), async (loaded) => {
      const { tally, events } = await attack('connect4')
      assert.deepEqual(tally, allowed)
      assert.deepEqual(outcomes(events), { [`POST: ${means}, not done`]: attempts })
      assert.deepEqual(counts(loaded), { post: attempts, override: 0, monitor_override: attempts })
    })
  })

  for (const [operation, call] of [
    ['connect4', 'connect'],
    ['message4', 'sendmsg'],
  ] as const) {
    it(`of one policy hold among more policies than the kernel has room for: ${call}`, async (t) => {
      const isSame = call === 'sendmsg' && guestKernel !== undefined
      if (isSame) return t.skip('the same as for connections: tested on the host')
      // More than BPF_CGROUP_MAX_PROGS in include/linux/bpf-cgroup-defs.h.
      const many = 66
      const loaded: Loaded[] = []
      try {
        for (let i = 0; i < many; i++) {
          const monitor = i === many - 1 ? '' : ', {name: policy-mode, value: monitor}'
          const wanted = { actions: `{action: NoPost}, ${refuse}`, options: byCgroup + monitor }
          const text = forbid({ ...wanted, port: listener.port, call, name: `forbids-${i}` })
          loaded.push(await attacked.run.load(text))
        }
        assert.deepEqual((await attack(operation)).tally, refused(1))
        const seen = loaded.map(counts)
        assert.deepEqual(
          seen.map(({ override, monitor_override }) => override + monitor_override),
          loaded.map(() => attempts),
        )
        await attacked.run.unload(loaded.pop() as Loaded)
        assert.deepEqual((await attack(operation)).tally, allowed)
      } finally {
        for (const each of loaded) await attacked.run.unload(each)
      }
    })
  }

  describe('are refused', () => {
    async function message(text: string): Promise<string> {
      try {
        await attacked.run.unload(await attacked.run.load(text))
      } catch (error) {
        if (error instanceof PolicyError) return error.message
        throw error
      }
      return ''
    }

    it('unless the policy permits that other sockets are not seen', async (t) => {
      if (probe('lsm').answer === 'yes') return t.skip('this kernel has a stronger means')
      if (probe('fmod_ret').answer === 'yes') return t.skip('this kernel has a stronger means')
      assert.match(
        await message(forbid({ port: 1, options: '' })),
        /cgroup: it only sees TCP, UDP and .* sockets .*; to permit that, set override-method to cgroup/,
      )
    })

    it('if they need more of a message than its address', async () => {
      const text = forbid({ port: 1, call: 'sendmsg' }).replace(
        'resolve: msg_name}',
        'resolve: msg_name}, {index: 1, type: uint32, resolve: msg_flags}',
      )
      assert.match(
        await message(text),
        /only the members msg_name and msg_namelen of argument 1 of .* are available there/,
      )
    })

    it('with another error than EPERM', async () => {
      assert.match(
        await message(forbid({ port: 1, actions: '{action: Override, argError: -13}' })),
        /cgroup: the kernel returns EPERM for what it refuses: argError must be -1/,
      )
    })
  })
})
