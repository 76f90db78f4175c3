import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseListen } from './listen-address.ts'

describe('--listen', () => {
  it('is an address of this machine, or a socket', () => {
    const tcp = (host: string, port: number) => ({ kind: 'tcp', host, port })
    assert.deepEqual(parseListen('127.0.0.1:0', false), tcp('127.0.0.1', 0))
    assert.deepEqual(parseListen('[::1]:8080', false), tcp('::1', 8080))
    for (const text of ['unix:///run/a', 'unix:/run/a']) {
      assert.deepEqual(parseListen(text, false), { kind: 'unix', path: '/run/a' })
    }
    for (const text of ['', '8080', 'localhost', '127.0.0.1:65536', 'unix://a', '/run/a']) {
      assert.throws(() => parseListen(text, false), /^UsageError: parse --listen: ".*" is neither/)
    }
  })

  it('is another address only with TLS', () => {
    for (const host of ['0.0.0.0', '[::]', '10.0.0.1', 'node', '127.0.0.1.example']) {
      const text = `${host}:8443`
      assert.throws(() => parseListen(text, false), /--listen-tls-cert-file/)
      const address = { kind: 'tcp', host: host === '[::]' ? '::' : host, port: 8443 }
      assert.deepEqual(parseListen(text, true), address)
    }
    assert.throws(() => parseListen('unix:///run/a', true), /sockets have no TLS/)
  })
})
