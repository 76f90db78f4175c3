import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parsePublicUrl } from './public-url.ts'

describe('--public-url', () => {
  const own = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const

  it('is an origin with TLS, or of this machine', () => {
    assert.equal(parsePublicUrl('', own), undefined)
    assert.equal(parsePublicUrl('https://A.example:443', own)?.href, 'https://a.example/')
    assert.equal(parsePublicUrl('http://localhost:8080/', own)?.origin, 'http://localhost:8080')
    assert.throws(() => parsePublicUrl('http://a.example', own), /is not https/)
    for (const text of [
      ...['a', 'https://a/b', 'https://a?b', 'https://u@a', 'ftp://a', 'https:// ', 'https://'],
      ...['https://a#b', 'https://a/ b', 'https://a:65536', 'https://a:', 'https://[::::]'],
      ...['https://a b', 'https://a\nb', 'https://a..b', 'https://-a', 'https://256.0.0.1'],
      ...['https://bücher.example', 'http://127.0.0.1.example', 'http://localhost.example'],
    ]) {
      assert.throws(() => parsePublicUrl(text, own), /^UsageError: parse --public-url: "/, text)
    }
    for (const text of [
      ...['https://a', 'https://a:65535', 'https://10.0.0.7:8443', 'https://[2001:db8::1]:8443/'],
      ...['https://xn--bcher-kva.example', 'https://1password.example', 'http://127.9.9.9'],
    ]) {
      assert.equal(parsePublicUrl(text, own)?.href, text.endsWith('/') ? text : `${text}/`)
    }
  })

  it('is needed where the address is none of a browser', () => {
    const socket = { kind: 'unix', path: '/run/a' } as const
    for (const listen of [socket, { ...own, host: '0.0.0.0' }, { ...own, host: '::' }]) {
      assert.throws(() => parsePublicUrl('', listen), /needs? --public-url/)
      assert.ok(parsePublicUrl('https://a', listen))
    }
  })
})
