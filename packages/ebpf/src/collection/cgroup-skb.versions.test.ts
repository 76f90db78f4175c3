import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { after, before, describe, it } from 'node:test'
import { cgroupSkb, type Int, kernelStruct, type PacketDirection, program } from '../lang/index.ts'
import { hashMap } from '../maps/index.ts'
import { u32, u64 } from '../records/index.ts'
import { findMount } from '../sys/index.ts'
import { probe } from '../testing/index.ts'
import { Collection } from './index.ts'

const SkBuff = kernelStruct<{ readonly head: Int; readonly transport_header: Int }>('sk_buff')
const { answer, reason } = probe('cgroup_skb')
const root = findMount('cgroup2') ?? ''
/** The destination port in a UDP header. */
const portAt = 2

describe('packets of cgroups', { skip: answer !== 'yes' && reason }, () => {
  let receiver: Socket
  let sender: Socket
  let port: number
  const received: string[] = []
  before(async () => {
    receiver = createSocket('udp4', (message) => received.push(message.toString()))
    sender = createSocket('udp4')
    receiver.bind(0, '127.0.0.1')
    await once(receiver, 'listening')
    port = receiver.address().port
  })
  after(() => {
    receiver?.close()
    sender?.close()
  })

  /** @returns the error, or null */
  const send = (text: string): Promise<NodeJS.ErrnoException | null> =>
    new Promise((resolve) => sender.send(text, port, '127.0.0.1', (error) => resolve(error)))

  const seen = hashMap('seen', { key: u32, value: u64, maxEntries: 1 })

  /** Drops messages to the port. */
  const drops = (direction: PacketDirection) =>
    program('drops', cgroupSkb(root, direction), (k, context) => {
      const [typed, plain] = [k.stackBytes(8), k.stackBytes(8)]
      typed.store(8, 0, context)
      k.readKernel(plain, 8, typed.address())
      const { head, transport_header } = k.cast(SkBuff, plain.load(8))
      const found = k.loadKernel(2, head.add(transport_header).add(portAt)).swapBytes(16)
      k.when(found.ne(port), k.exit)
      k.update(seen, 0, 1)
      k.exit(0)
    })

  for (const [direction, error] of [
    ['egress', 'EPERM'],
    ['ingress', undefined],
  ] as const) {
    it(`are dropped by the result 0, and passed by 1: ${direction}`, async () => {
      assert.equal(await send('before'), null)
      const collection = new Collection()
      try {
        collection.attach(drops(direction))
        assert.equal((await send('dropped'))?.code, error)
        assert.equal(collection.map(seen).lookup(0), 1n)
      } finally {
        collection.close()
      }
      assert.equal(await send('after'), null)
      while (received.at(-1) !== 'after') await once(receiver, 'message')
      assert.deepEqual(received.splice(0), ['before', 'after'])
    })
  }
})
