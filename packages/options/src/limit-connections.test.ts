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
  limitConnections(server, 2)
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
