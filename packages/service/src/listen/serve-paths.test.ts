import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { after, describe, it } from 'node:test'
import type { HttpListener } from './http-listener.ts'
import { type PathOptions, type Paths, servePaths } from './serve-paths.ts'

const listeners: HttpListener[] = []
after(() => Promise.all(listeners.map((listener) => listener.close())))

async function serve(paths: Paths, options?: PathOptions): Promise<HttpListener> {
  const listener = await servePaths({ kind: 'tcp', host: '127.0.0.1', port: 0 }, paths, options)
  listeners.push(listener)
  return listener
}

describe('a server with a few paths', () => {
  it('answers GET and HEAD', async () => {
    const listener = await serve({ '/a': async () => ({ status: 503, type: 'x/y', text: 'b' }) })
    const response = await fetch(listener.url('/a?c=d'))
    assert.deepEqual([response.status, response.headers.get('content-type')], [503, 'x/y'])
    assert.equal(await response.text(), 'b')
    assert.equal(await (await fetch(listener.url('/a'), { method: 'HEAD' })).text(), '')
    assert.equal((await fetch(listener.url('/a'), { method: 'POST' })).status, 405)
  })

  it('has no other paths', async () => {
    const listener = await serve({ '/a': () => ({ text: '' }) }, { hint: 'see /a\n' })
    const response = await fetch(listener.url('/toString'))
    assert.deepEqual([response.status, await response.text()], [404, 'see /a\n'])
  })

  it('continues after a failure', async () => {
    const errors: string[] = []
    const paths = {
      '/a': () => {
        throw new Error('no')
      },
    }
    const listener = await serve(paths, { failed: ({ message }) => errors.push(message) })
    for (let i = 0; i < 2; i++) assert.equal((await fetch(listener.url('/a'))).status, 500)
    assert.deepEqual(errors, ['no', 'no'])
  })

  it('answers probes in spite of idle connections', async () => {
    const listener = await serve({ '/healthz': () => ({ text: 'ok\n' }) })
    const idle: Socket[] = []
    const closed = new Promise<void>((resolve) => {
      for (let i = 0; i < 32; i++) {
        const socket = connect(listener.port, '127.0.0.1').on('error', () => {})
        idle.push(socket.once('close', resolve).resume())
      }
    })
    const response = await fetch(listener.url('/healthz'))
    assert.equal(await response.text(), 'ok\n')
    await closed
    await listener.close()
    for (const socket of idle) socket.destroy()
  })
})
