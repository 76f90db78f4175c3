import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { repeats } from '@tetragon-ts/agent/testing'
import { probe } from '@tetragon-ts/ebpf/features'
import { Attacked, outcomes, policy, refuse } from './attack.ts'
import { allowed, forbidden, Packets, type Sender } from './packets.ts'

const count = repeats(200, 20)
const functions = { 4: 'ip_finish_output', 6: 'ip6_finish_output' } as const

/** A policy that refuses packets to the forbidden address. */
function forbid(version: 4 | 6, { actions = refuse, more = '', name = 'packets' } = {}): string {
  return policy(
    name,
    `
options: [{name: override-method, value: cgroup}${more}]
kprobes:
- call: ${functions[version]}
  syscall: false
  args: [{index: 2, type: skb}]
  selectors:
  - matchArgs: [{index: 2, operator: DAddr, values: ["${forbidden[version]}"]}]
    matchActions: [${actions}]`,
  )
}

interface Case {
  readonly sender: Sender
  readonly versions: readonly (4 | 6)[]
  /** The error of the call; 0 if it does not fail. */
  readonly error?: number
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
  { sender: 'ping', versions: [4, 6] },
  { sender: 'header', versions: [4] },
  { sender: 'other-route', versions: [4] },
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

  for (const { sender, versions, error = EPERM } of cases) {
    for (const version of versions) {
      it(`prevent that they leave: ${sender}, IPv${version}`, async () => {
        const { tally: before } = await packets.send(sender, count, version)
        assert.deepEqual(before.refused, {})
        assert.ok(before.left > 0 && before.received >= count, JSON.stringify(before))
        await attacked.under(forbid(version), async () => {
          const { tally, events } = await packets.send(sender, count, version)
          const refused = error === 0 ? {} : { [error]: count }
          assert.deepEqual(tally, { attempts: count, refused, left: 0, received: 0 })
          assert.deepEqual(Object.keys(outcomes(events)), [`OVERRIDE: ${means}, done`])
          const other = await packets.send(sender, count, version, { to: allowed[version] })
          assert.deepEqual([other.tally.refused, other.tally.received], [{}, before.received])
        })
      })
    }
  }
})
