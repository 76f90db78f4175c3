import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { sumOf } from '../../queue/event-class.ts'
import { alertLine, execLine } from '../../testing/lines.ts'
import { numbersOf, range, TestOutput } from '../../testing/test-outputs.ts'
import { OctetCounting, TestSockets } from '../../testing/test-sockets.ts'
import { until } from '../../testing/until.ts'

const json = (message: string): string => message.slice(message.indexOf(' - {') + 3)

describe('a syslog output over TCP', () => {
  let server: TestSockets
  let output: TestOutput
  let received: OctetCounting[]

  beforeEach(() => {
    server = new TestSockets()
    received = []
    server.onSocket = (socket) => {
      const counting = new OctetCounting()
      received.push(counting)
      socket.on('data', (bytes) => {
        counting.add(bytes)
        server.changes.note()
      })
    }
  })
  afterEach(async () => {
    await output.finish(0)
    await server.die()
  })

  const open = async (parameters = ''): Promise<void> => {
    output = await TestOutput.open(`syslog+tcp://127.0.0.1:${server.port}${parameters}`)
  }
  const numbers = (): number[] => received.flatMap(({ messages }) => numbersOf(messages.map(json)))

  it('waits for a server that is absent at the start', async () => {
    await server.listen()
    await server.die()
    await open()
    output.addExecs(1, 100)
    await until(() => output.warnings.length > 0)
    assert.match(output.warnings[0], /^output out failed: connect ECONNREFUSED/)
    await server.listen()
    await server.changes.until(() => numbers().length === 100)
    assert.deepEqual(numbers(), range(1, 100))
    assert.equal(sumOf(output.status.lost), 0)
  })

  it('connects again after its server died', async () => {
    await server.listen()
    await open()
    output.addExecs(1, 10)
    await server.changes.until(() => numbers().length === 10)
    await server.die()
    output.addExecs(11, 20)
    await server.listen()
    output.addExecs(21, 30)
    await server.changes.until(() => numbers().at(-1) === 30)
    assert.deepEqual(numbers().slice(-10), range(21, 30))
  })

  it('is bounded, and counts losses, while the server reads nothing', async () => {
    server.onSocket = (socket) => void socket.pause()
    await server.listen()
    await open('?queue=1M&timeout=50ms')
    const line = alertLine('high', 'x'.repeat(4000))
    for (let i = 0; i < 5000; i++) {
      output.add(line)
      if (i % 100 === 0) await new Promise(setImmediate)
    }
    const { queuedBytes, lost } = output.status
    assert.ok(queuedBytes <= 1 << 20, `${queuedBytes}`)
    assert.ok(sumOf(lost) > 1000)
    await output.finish(1)
    assert.equal(output.status.queued, 0)
  })

  it('sends everything to a server that closes each connection after a message', async () => {
    server.onSocket = (socket) => {
      const counting = new OctetCounting()
      received.push(counting)
      socket.on('data', (bytes) => {
        counting.add(bytes)
        socket.end(() => server.changes.note())
      })
    }
    await server.listen()
    await open()
    for (let number = 1; number <= 20; number++) {
      output.addExecs(number, number)
      await server.changes.until(() => numbers().includes(number))
      await once(server.sockets[server.sockets.length - 1], 'close')
    }
    assert.deepEqual(numbers(), range(1, 20))
    assert.ok(received.length > 1)
  })

  it('refuses messages that receivers would cut', async () => {
    await server.listen()
    await open()
    const noEvent = Buffer.from('{"process_exit"')
    output.add(alertLine('high', 'x'.repeat(9000)), noEvent, execLine(1))
    await server.changes.until(() => numbers().length === 1)
    await output.finish()
    assert.equal(output.status.refused, 2)
    assert.match(output.status.refusal ?? '', /longer than max-length=8192/)
  })
})

describe('a syslog output over UDP', () => {
  it('sends a message in each datagram', async () => {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const output = await TestOutput.open(`syslog+udp://127.0.0.1:${socket.address().port}`)
    const messages: string[] = []
    const all = new Promise<void>((resolve) => {
      socket.on('message', (bytes) => {
        if (messages.push(bytes.toString()) === 3) resolve()
      })
    })
    output.addExecs(1, 3)
    await all
    await output.finish()
    socket.close()
    assert.deepEqual(numbersOf(messages.map(json)), [1, 2, 3])
    assert.equal(output.status.sent, 3)
  })

  it('notices that no program listens', async () => {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const { port } = socket.address()
    socket.close()
    const output = await TestOutput.open(`syslog+udp://127.0.0.1:${port}`)
    for (let number = 1; output.warnings.length === 0; number++) {
      output.addExecs(number, number)
      await new Promise(setImmediate)
    }
    await output.finish(1)
    assert.match(output.warnings[0], /ECONNREFUSED/)
  })
})
