import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { probe } from '@tetragon-ts/ebpf/features'
import { preemptsPrograms } from '@tetragon-ts/sensors'
import { Attacked, allowed, policy, refuse, refused } from './attack.ts'
import { Listener } from './listener.ts'

const hook = (call: string, resolve: string) => `
- call: security_socket_${call}
  syscall: false
  args: [{index: 1, type: sockaddr${resolve}}]
  selectors:
  - matchArgs: [{index: 1, operator: SPort, values: ["PORT"]}]
    matchActions: [${refuse}]`
const connect = hook('connect', '')
const send = hook('sendmsg', ', resolve: msg_name')

/** Why a means cannot be tested here, or an empty text. */
function lacking(means: 'lsm' | 'fmod_ret'): string {
  const { answer, reason } = probe(means)
  if (answer !== 'yes') return reason
  const isWeak = means === 'fmod_ret' && preemptsPrograms(Btf.open())
  return isWeak ? 'this kernel preempts programs, and so skips some of them' : ''
}
const usable = (['lsm', 'fmod_ret'] as const).filter((means) => lacking(means) === '')
const reason = usable.length === 0 && `${lacking('lsm')}; ${lacking('fmod_ret')}`

// tcp_sendmsg_fastopen (net/ipv4/tcp.c) connects without security_socket_connect.
describe('refusals of connections by data', { skip: reason }, () => {
  let attacked: Attacked
  let listener: Listener
  before(async () => {
    attacked = await Attacked.start()
    listener = await Listener.start()
  })
  after(async () => {
    listener?.close()
    await attacked?.run.stop()
  })

  /** Connections so far, with those that the kernel already has for this process. */
  async function arrived(): Promise<number> {
    for (let rounds = 0, last = -1; rounds < 10; rounds++) {
      if (listener.arrived !== last) rounds = 0
      last = listener.arrived
      await turn()
    }
    return listener.arrived
  }

  const attack = async (operation: 'connect4' | 'fast-open') => {
    const { port } = listener
    const start = await arrived()
    const { tally } = await attacked.attack(operation, 'thread', String(port))
    return { tally, isSilent: (await arrived()) === start }
  }

  for (const means of usable) {
    const option = means === 'lsm' ? '' : '{name: override-method, value: fmod-ret}'
    const forbid = (...hooks: readonly string[]) => {
      const section = hooks.join('').replaceAll('PORT', String(listener.port))
      return policy('forbids', `options: [${option}]\nkprobes:${section}`)
    }

    it(`are missed by security_socket_connect alone: ${means}`, async () => {
      await attacked.under(forbid(connect), async () => {
        assert.deepEqual(await attack('connect4'), { tally: refused(1), isSilent: true })
        assert.deepEqual(await attack('fast-open'), { tally: allowed, isSilent: false })
      })
    })

    it(`are complete with security_socket_sendmsg: ${means}`, async () => {
      assert.deepEqual(await attack('fast-open'), { tally: allowed, isSilent: false })
      await attacked.under(forbid(connect, send), async () => {
        assert.deepEqual(await attack('connect4'), { tally: refused(1), isSilent: true })
        assert.deepEqual(await attack('fast-open'), { tally: refused(1), isSilent: true })
      })
      assert.deepEqual(await attack('fast-open'), { tally: allowed, isSilent: false })
    })
  }
})
