import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { Client, credentials, type sendUnaryData } from '@grpc/grpc-js'
import { GrpcListener, type GrpcListenerOptions } from './grpc-listener.ts'
import { listenAt } from './listen-at.ts'

const folder = mkdtempSync(join(tmpdir(), 'service-grpc-'))
after(() => rmSync(folder, { recursive: true }))

const asIs = (bytes: Buffer): Buffer => bytes
const path = '/test.Echo/Send'
const codec = {
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
}
const definition = { Send: { path, requestStream: false, responseStream: false, ...codec } }

function newListener(options?: GrpcListenerOptions): GrpcListener {
  const listener = new GrpcListener(options)
  listener.add(definition, {
    Send: ({ request }: { request: Buffer }, done: sendUnaryData<Buffer>) => done(null, request),
  })
  return listener
}

function send(address: string, text: string): Promise<string> {
  const client = new Client(address, credentials.createInsecure())
  return new Promise<string>((resolve, reject) => {
    client.makeUnaryRequest(path, asIs, asIs, Buffer.from(text), (error, response) => {
      if (error) reject(error)
      else resolve(String(response))
    })
  }).finally(() => client.close())
}

describe('a gRPC server', () => {
  it('answers at several addresses, until it is closed', async () => {
    const listener = newListener()
    const paths = ['a', 'b'].map((name) => join(folder, name))
    let removed = 0
    for (const path of paths) {
      await listener.listen({ kind: 'unix', path }, undefined, async (asked, bind) => {
        await bind(asked)
        return () => removed++
      })
    }
    for (const path of paths) assert.equal(await send(`unix:${path}`, 'hello'), 'hello')
    await listener.close()
    assert.equal(removed, 2)
    assert.equal(listener.isStuck, false)
    await assert.rejects(send(`unix:${paths[0]}`, 'hello'))
  })

  it('keeps the connection of a user, whatever another one opens', async () => {
    let owner = 'first'
    let named = 0
    const listener = newListener({ nameSocketPeer: () => ({ name: `peer:${++named}`, owner }) })
    const path = join(folder, 'users')
    await listener.listen({ kind: 'unix', path })
    const closed: Socket[] = []
    const open = async (): Promise<Socket> => {
      const socket = connect(path)
      socket.once('close', () => closed.push(socket))
      // The server says its settings once it has admitted the connection.
      await once(socket, 'data')
      return socket
    }
    const first = await open()
    owner = 'second'
    const others: Socket[] = []
    for (let i = 0; i < 300; i++) others.push(await open())
    assert.equal(closed.includes(first), false)
    assert.deepEqual(closed, others.slice(0, closed.length), 'its oldest ones give way')
    assert.ok(closed.length > 0)
    for (const socket of [first, ...others]) socket.destroy()
    await listener.close()
  })

  it('cannot share its address', async () => {
    const other = createServer()
    await listenAt(other, { kind: 'tcp', host: '127.0.0.1', port: 0 })
    const address = other.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    const listener = newListener()
    const taken = listener.listen({ kind: 'tcp', host: '127.0.0.1', port })
    await assert.rejects(taken, { code: 'EADDRINUSE' })
    await listener.close()
    other.close()
  })
})
