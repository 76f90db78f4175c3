import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { it } from 'node:test'
import { HttpEndpoint } from './http-endpoint.ts'

it('idle connections keep out no probes', async () => {
  const routes = { '/healthz': () => ({ text: 'ok\n' }) }
  const endpoint = await HttpEndpoint.start({ host: '127.0.0.1', port: 0 }, routes)
  const idle: Socket[] = []
  const closed = new Promise<void>((resolve) => {
    for (let i = 0; i < 32; i++) {
      const socket = connect(endpoint.port, '127.0.0.1').on('error', () => {})
      idle.push(socket.once('close', resolve).resume())
    }
  })
  const response = await fetch(`http://127.0.0.1:${endpoint.port}/healthz`)
  assert.equal(await response.text(), 'ok\n')
  await closed
  endpoint.close()
  for (const socket of idle) socket.destroy()
})
