import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { it } from 'node:test'
import { HttpEndpoint } from './http-endpoint.ts'

it('idle connections keep out no probes', async () => {
  const routes = { '/healthz': () => ({ text: 'ok\n' }) }
  const endpoint = await HttpEndpoint.start({ host: '127.0.0.1', port: 0 }, routes)
  const idle: Socket[] = []
  for (let i = 0; i < 32; i++) {
    const socket = connect(endpoint.port, '127.0.0.1').on('error', () => {})
    await once(socket, 'connect')
    idle.push(socket)
  }
  const closed = once(idle[0].resume(), 'close')
  const response = await fetch(`http://127.0.0.1:${endpoint.port}/healthz`)
  assert.equal(await response.text(), 'ok\n')
  await closed
  endpoint.close()
  for (const socket of idle) socket.destroy()
})
