import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Attacked, allowed, policy, refuse, refused } from './attack.ts'
import { Listener } from './listener.ts'
import { ways, whyNot } from './ways.ts'

const hook = (call: string, resolve: string) => `
- call: security_socket_${call}
  syscall: false
  args: [{index: 1, type: sockaddr${resolve}}]
  selectors:
  - matchArgs: [{index: 1, operator: SPort, values: ["PORT"]}]
    matchActions: [${refuse}]`
const connect = hook('connect', '')
const send = hook('sendmsg', ', resolve: msg_name')

const deciders = ['lsm', 'fmod_ret'] as const
const usable = deciders.filter((each) => whyNot(ways[each]) === undefined)
const reasons = deciders.map((each) => `${each}: ${whyNot(ways[each])}`)

// tcp_sendmsg_fastopen (net/ipv4/tcp.c) connects without security_socket_connect.
describe('refusals of connections by data', {
  skip: usable.length === 0 && reasons.join('; '),
}, () => {
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

  const attack = async (operation: 'connect4' | 'fast-open') => {
    const { port } = listener
    const start = await listener.allArrived()
    const { tally } = await attacked.attack(operation, 'thread', String(port))
    return { tally, isSilent: (await listener.allArrived()) === start }
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
