import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { listenAt } from './listen-at.ts'

const folder = mkdtempSync(join(tmpdir(), 'service-listen-'))
const servers: Server[] = []
after(() => {
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true })
})

function newServer(): Server {
  const server = createServer((socket) => socket.end('hello'))
  servers.push(server)
  return server
}

describe('listening', () => {
  it('at a TCP address, or all of them', async () => {
    for (const host of ['127.0.0.1', '']) {
      const server = newServer()
      await listenAt(server, { kind: 'tcp', host, port: 0 })
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
      assert.equal(String((await once(socket, 'data'))[0]), 'hello')
      socket.destroy()
    }
  })

  it('fails with the error of the system', async () => {
    const server = newServer()
    await listenAt(server, { kind: 'tcp', host: '127.0.0.1', port: 0 })
    const { port } = server.address() as AddressInfo
    const taken = listenAt(newServer(), { kind: 'tcp', host: '127.0.0.1', port })
    await assert.rejects(taken, { code: 'EADDRINUSE' })
  })

  it('at a Unix socket, which the program may create', async () => {
    const path = join(folder, 'own')
    await listenAt(newServer(), { kind: 'unix', path })
    const other = `${path}.other`
    const removed: string[] = []
    const remove = await listenAt(newServer(), { kind: 'unix', path }, async (asked, bind) => {
      assert.equal(asked, path)
      await bind(other)
      return () => removed.push(other)
    })
    assert.deepEqual(readdirSync(folder), ['own', 'own.other'])
    remove()
    assert.deepEqual(removed, [other])
  })

  it('continues after errors of later connections', async () => {
    const server = newServer()
    await listenAt(server, { kind: 'tcp', host: '127.0.0.1', port: 0 })
    assert.doesNotThrow(() => server.emit('error', new Error('no memory')))
  })
})
