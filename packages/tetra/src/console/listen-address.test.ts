import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseListen, parsePublicUrl } from './listen-address.ts'

describe('--listen', () => {
  it('is an address of this machine, or a socket', () => {
    const tcp = (host: string, port: number) => ({ kind: 'tcp', host, port })
    assert.deepEqual(parseListen('127.0.0.1:0', false), tcp('127.0.0.1', 0))
    assert.deepEqual(parseListen('[::1]:8080', false), tcp('[::1]', 8080))
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
      assert.deepEqual(parseListen(text, true), { kind: 'tcp', host, port: 8443 })
    }
    assert.throws(() => parseListen('unix:///run/a', true), /sockets have no TLS/)
  })
})

describe('--public-url', () => {
  const own = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const

  it('is an origin with TLS, or of this machine', () => {
    assert.equal(parsePublicUrl('', own), undefined)
    assert.equal(parsePublicUrl('https://A.example:443', own)?.href, 'https://a.example/')
    assert.equal(parsePublicUrl('http://localhost:8080/', own)?.origin, 'http://localhost:8080')
    assert.throws(() => parsePublicUrl('http://a.example', own), /is not https/)
    for (const text of ['a', 'https://a/b', 'https://a?b', 'https://u@a', 'ftp://a', 'https:// ']) {
      assert.throws(() => parsePublicUrl(text, own), /^UsageError: parse --public-url: "/, text)
    }
  })

  it('is needed where the address is none of a browser', () => {
    const socket = { kind: 'unix', path: '/run/a' } as const
    for (const listen of [socket, { ...own, host: '0.0.0.0' }, { ...own, host: '[::]' }]) {
      assert.throws(() => parsePublicUrl('', listen), /needs? --public-url/)
      assert.ok(parsePublicUrl('https://a', listen))
    }
  })
})
