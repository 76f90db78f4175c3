import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import {
  AddTracingPolicyRequest,
  codecOf,
  DetectionRules,
  EventLogService,
  FineGuidanceSensors,
  GetEventsRequest,
  Health,
  Inspect,
  ServerReflection,
  serviceName,
} from '@tetragon-ts/api'
import { arbitraryMessage, relativeCost } from '@tetragon-ts/api/testing'
import fc from 'fast-check'
import { framePrefix } from '../../reader/outputs/framing.ts'
import { RawClient } from './testing/raw-client.ts'
import { TestServer } from './testing/test-server.ts'

const services = [
  FineGuidanceSensors,
  EventLogService,
  Inspect,
  DetectionRules,
  Health,
  ServerReflection,
]
const procedures = services.flatMap((service) =>
  Object.entries(service.rpcs).map(([name, { request, stream }]) => ({
    path: `/${serviceName(service)}/${name}`,
    request,
    /** A watch never ends. */
    ends: !(stream === 'responses' && name !== 'GetEvents'),
  })),
)
const getVersion = '/tetragon.FineGuidanceSensors/GetVersion'
const addPolicy = '/tetragon.FineGuidanceSensors/AddTracingPolicy'
const getEvents = '/tetragon.FineGuidanceSensors/GetEvents'
const megabyte = 2 ** 20

let test: TestServer
let raw: RawClient
let descriptors: number
before(async () => {
  test = await TestServer.start()
  await test.client.call('GetVersion')
  descriptors = openDescriptors()
  raw = new RawClient(test.path)
})
after(async () => {
  raw.close()
  await test.stop()
})

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length
}

/** The server still responds. */
async function isWell(): Promise<void> {
  assert.deepEqual(await test.client.call('GetVersion'), { version: '1.2.3' })
}

/** Everything that a test opened is closed. */
async function nothingIsLeft(before: number): Promise<void> {
  for (let i = 0; i < 400 && openDescriptors() > before; i++) await sleep(5)
  assert.ok(openDescriptors() <= before, `${openDescriptors() - before} descriptors are left`)
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve))
}

describe('messages', () => {
  it('that are damaged get a response, whatever they request', async () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 })
    const request = fc.constantFrom(...procedures.filter(({ ends }) => ends)).chain((procedure) => {
      const bytes = arbitraryMessage(procedure.request).map((value) => {
        return codecOf(procedure.request).encode(value)
      })
      return fc.tuple(fc.constant(procedure.path), bytes, damage, fc.nat(200))
    })
    await fc.assert(
      fc.asyncProperty(request, async ([path, message, changes, cut]) => {
        const bytes = Buffer.from(message.subarray(0, message.length - Math.max(0, cut - 180)))
        for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte
        const { code } = await raw.call(path, bytes)
        // Streams of events are cancelled.
        if (path !== getEvents) assert.notEqual(code, undefined, path)
        assert.notEqual(code, status.UNKNOWN)
      }),
      { numRuns: 80 },
    )
    await isWell()
    const others = test.host.messages.filter((line) => !line.includes(' audit: '))
    assert.equal(others.filter((line) => line.includes('error')).length, 0)
  })

  it('with an invalid frame get a response', async () => {
    const message = codecOf(AddTracingPolicyRequest).encode({ yaml: 'x' })
    const frame = (flag: number, length: number): Buffer => {
      const bytes = Buffer.alloc(framePrefix + message.length)
      bytes[0] = flag
      bytes.writeUInt32BE(length, 1)
      bytes.set(message, framePrefix)
      return bytes
    }
    for (const [body, headers] of [
      [Buffer.alloc(0), {}],
      [Buffer.alloc(3), {}],
      [frame(0, message.length + 1), {}],
      [frame(1, message.length), {}],
      [frame(1, message.length), { 'grpc-encoding': 'gzip' }],
      [frame(0, message.length), { 'grpc-encoding': 'nonsense' }],
      [Buffer.concat([frame(0, message.length), frame(0, message.length)]), {}],
      [frame(0, message.length), { 'grpc-timeout': 'soon' }],
    ] as const) {
      const { code } = await raw.send(addPolicy, body, headers)
      assert.ok(code !== undefined && code !== status.OK, `${body.toString('hex')}: ${code}`)
    }
    await isWell()
  })

  it('that are too large are refused before they are received', async () => {
    const yaml = 'x'.repeat(5 * megabyte)
    const { code, details } = await raw.call(
      addPolicy,
      codecOf(AddTracingPolicyRequest).encode({ yaml }),
    )
    assert.equal(code, status.RESOURCE_EXHAUSTED)
    assert.match(details, /larger than max/)
    const claim = Buffer.alloc(framePrefix + 100)
    claim.writeUInt32BE(2 ** 32 - 1, 1)
    assert.equal((await raw.send(addPolicy, claim)).code, status.RESOURCE_EXHAUSTED)
    await isWell()
  })

  it('with a huge policy are refused unread', async () => {
    const yaml = ': \n'.repeat(megabyte / 2)
    const request = codecOf(AddTracingPolicyRequest).encode({ yaml })
    const { code, details } = await raw.call(addPolicy, request)
    assert.equal(code, status.INVALID_ARGUMENT)
    assert.match(details, /1572864 characters; the maximum is 1048576/)
  })

  it('with a policy that is slow to read get a fast response, with the position', async () => {
    const head = 'kind: TracingPolicy\nspec:\n'
    const fields = Array.from({ length: 60_000 }, (_, i) => `  k${i}: 1\n`).join('')
    for (const [body, place] of [
      [`  a: ${'['.repeat(megabyte - 100)}`, /:3:106: .*nested too deeply/],
      [`  a: [${'1,'.repeat(megabyte / 2 - 100)}`, /:3:\d+: .*too long/],
      [fields, /:3:3: .*unknown field "k0"/],
    ] as const) {
      const request = codecOf(AddTracingPolicyRequest).encode({ yaml: head + body })
      const cost = await relativeCost(async () => {
        const { code, details } = await raw.call(addPolicy, request)
        assert.equal(code, status.INVALID_ARGUMENT)
        assert.match(details, place)
      })
      assert.ok(cost < 500, `${cost}`)
    }
    await isWell()
  })

  it('with a long response in any script get a response', async () => {
    for (const letter of ['😀', '字', '\ud83d', '%', '\u0000\n']) {
      const yaml = `kind: TracingPolicy\n${letter.repeat(3000)}: [`
      const { code, details } = await raw.call(
        addPolicy,
        codecOf(AddTracingPolicyRequest).encode({ yaml }),
      )
      assert.equal(code, status.INVALID_ARGUMENT, letter)
      assert.ok(details.length > 20)
    }
  })
})

describe('calls', () => {
  it('of unknown procedures get an error', async () => {
    for (const path of ['/tetragon.FineGuidanceSensors/Nothing', '/x', '/', '/tetragon/../x']) {
      assert.equal((await raw.call(path, Buffer.alloc(0))).code, status.UNIMPLEMENTED, path)
    }
  })

  it('of other protocols than gRPC are refused', async () => {
    for (const headers of [{ 'content-type': 'text/html' }, { ':method': 'GET' }]) {
      const { code } = await raw.call(getVersion, Buffer.alloc(0), headers)
      assert.notEqual(code, status.OK)
    }
    await isWell()
  })

  for (const [what, filter, wanted] of [
    ['pattern', { binary_regex: ['(unclosed'] }, /unclosed/],
    ['pattern of another language', { arguments_regex: ['(?<=a)b'] }, /./],
    ['selector', { labels: ['a in (b'] }, /a in \(b/],
    ['expression', { cel_expression: ['process_exec.nonsense'] }, /nonsense/],
    ['event type', { event_set: [4711] }, /4711/],
  ] as const) {
    it(`with a ${what} that is invalid get the reason`, async () => {
      for (const list of ['allow_list', 'deny_list']) {
        const request = codecOf(GetEventsRequest).encode({ [list]: [filter] })
        const { code, details } = await raw.call(getEvents, request)
        assert.equal(code, status.INVALID_ARGUMENT)
        assert.match(details, wanted)
      }
    })
  }

  it('that are cancelled early leave nothing behind', async () => {
    const before = openDescriptors()
    for (let i = 0; i < 15; i++) {
      const client = new RawClient(test.path)
      const answers = procedures.map(({ path }) => client.call(path, Buffer.alloc(0)))
      await sleep(i % 3)
      client.close()
      await Promise.all(answers)
    }
    await isWell()
    await nothingIsLeft(before)
    for (let i = 0; i < 400 && test.server.clients > 0; i++) await sleep(5)
    assert.equal(test.server.clients, 0)
    assert.ok(!test.host.events.isOpen)
  })
})

describe('connections', () => {
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

  it('with noise end, without effect on others', async () => {
    const before = openDescriptors()
    const noise = fc.uint8Array({ maxLength: 300 })
    await fc.assert(
      fc.asyncProperty(noise, fc.boolean(), async (bytes, hasPreface) => {
        const socket = connect(test.path)
        socket.on('error', () => {})
        socket.resume()
        socket.end(hasPreface ? Buffer.concat([preface, bytes]) : bytes)
        await closed(socket)
      }),
      { numRuns: 80 },
    )
    await isWell()
    await nothingIsLeft(before)
  })

  it('without a call are closed after a while, others are not', async () => {
    const other = await TestServer.start({ idleMs: 1000 })
    const stream = await other.client.events()
    const silent = ['', 'PRI * HT', preface].map((begin) => {
      const socket = connect(other.path)
      socket.on('error', () => {})
      socket.resume()
      socket.write(begin)
      return socket
    })
    const idle = new RawClient(other.path)
    await idle.call(getVersion, Buffer.alloc(0))
    await Promise.all([...silent.map(closed), idle.closed])
    other.host.events.emit({ process_exec: {} })
    await stream.wait(1)
    await other.stop()
  })

  it('by the thousand that are idle do not affect others', async () => {
    const before = openDescriptors()
    const sockets = Array.from({ length: 1000 }, (_, i) => {
      const socket = connect(test.path)
      socket.on('error', () => {})
      if (i % 2 === 0) socket.write(preface.subarray(0, i % preface.length))
      if (i % 16 === 1) socket.write(Buffer.concat([preface, randomBytes(3)]))
      return socket
    })
    await isWell()
    for (const socket of sockets) socket.destroy()
    await Promise.all(sockets.map(closed))
    await isWell()
    await nothingIsLeft(before)
  })
})

it('none of these stays open', async () => {
  raw.close()
  await nothingIsLeft(descriptors)
})
