import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { it } from 'node:test'
import { limitConnections } from './limit-connections.ts'

it('the oldest connection is closed when there are too many', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  limitConnections(server, { total: 2 })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const open = async (): Promise<Socket> => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write('x')
    await once(socket, 'data')
    return socket
  }
  const first = await open()
  const ended = new Promise((resolve) => first.once('close', resolve))
  const second = await open()
  const third = await open()
  await ended
  second.write('y')
  const [answer] = (await once(second, 'data')) as [Buffer]
  assert.equal(answer.toString(), 'y')
  // Closed connections do not count.
  second.destroy()
  const fourth = await open()
  third.write('z')
  await once(third, 'data')
  for (const socket of [third, fourth]) socket.destroy()
  server.close()
})

it('a flood of one client closes no connection of another', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  limitConnections(server, { total: 3 })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const sockets: Socket[] = []
  const open = async (localAddress: string): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    sockets.push(socket)
    socket.on('error', () => {})
    socket.write('x')
    await once(socket, 'data')
    return socket
  }
  const scraper = await open('127.0.0.2')
  for (let i = 0; i < 10; i++) await open('127.0.0.1')
  scraper.write('y')
  const [answer] = (await once(scraper, 'data')) as [Buffer]
  assert.equal(answer.toString(), 'y')
  // With as many clients as connections, the oldest gives way.
  const ended = new Promise((resolve) => scraper.once('close', resolve))
  await open('127.0.0.3')
  await open('127.0.0.4')
  await ended
  for (const socket of sockets) socket.destroy()
  server.close()
})

it('a client has a limited number of connections, and of new ones in a short time', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  limitConnections(server, { total: 10, perClient: 2, opens: { perSecond: 0.001, burst: 4 } })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const sockets: Socket[] = []
  /** Whether the server answers. */
  const open = async (localAddress: string): Promise<boolean> => {
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    sockets.push(socket)
    socket.on('error', () => {})
    socket.write('x')
    return new Promise((resolve) => {
      socket.once('data', () => resolve(true)).once('close', () => resolve(false))
    })
  }
  assert.equal(await open('127.0.0.1'), true)
  const ended = new Promise((resolve) => sockets[0].once('close', resolve))
  assert.equal(await open('127.0.0.1'), true)
  assert.equal(await open('127.0.0.1'), true)
  await ended
  assert.equal(await open('127.0.0.1'), true)
  assert.equal(await open('127.0.0.1'), false)
  assert.equal(await open('127.0.0.2'), true)
  for (const socket of sockets) socket.destroy()
  server.close()
})
