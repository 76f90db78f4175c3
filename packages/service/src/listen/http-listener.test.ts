import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { HttpListener, scraperLimits as limits } from './http-listener.ts'

const folder = mkdtempSync(join(tmpdir(), 'service-http-'))
after(() => rmSync(folder, { recursive: true }))

const newServer = () => createServer((_, response) => response.end('hello'))

describe('an HTTP listener', () => {
  it('has the assigned port', async () => {
    const address = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const
    const listener = await HttpListener.start(newServer(), address, { limits })
    assert.deepEqual(listener.address, { ...address, port: listener.port })
    const url = listener.url('/a')
    assert.equal(await (await fetch(url)).text(), 'hello')
    await listener.close()
    await assert.rejects(fetch(url))
  })

  it('has the socket that the program creates', async () => {
    const path = join(folder, 'socket')
    const removed: string[] = []
    const listener = await HttpListener.start(
      newServer(),
      { kind: 'unix', path },
      {
        limits,
        placeSocket: async (asked, bind) => {
          await bind(asked)
          return () => removed.push(asked)
        },
      },
    )
    assert.equal(listener.url('/a'), `unix://${path}`)
    await listener.close()
    assert.deepEqual(removed, [path])
  })

  it('closes connections whose clients wait', async () => {
    const address = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const
    const listener = await HttpListener.start(newServer(), address, { limits })
    const socket = connect(listener.port, '127.0.0.1')
      .resume()
      .on('error', () => {})
    await once(socket, 'connect')
    await fetch(listener.url('/'))
    const closed = once(socket, 'close')
    await listener.close()
    await closed
  })
})
