import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { it } from 'node:test'
import { OpenConnections } from './open-connections.ts'

it('connections are closed before their TLS handshake, though their clients do not close', async () => {
  const server = createServer()
  const connections = new OpenConnections(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const client = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  const accepted = once(server, 'connection')
  await Promise.all([once(client, 'connect'), accepted])
  const ended = once(client, 'end')
  client.resume()
  await connections.close()
  await ended
  assert.equal(server.listening, false)
  client.destroy()
})
