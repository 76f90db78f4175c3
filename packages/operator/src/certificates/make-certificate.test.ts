import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { readAuthority } from './authority.ts'
import { makeCertificate } from './make-certificate.ts'
import { openssl } from './testing/openssl.ts'

const notBefore = new Date('2026-01-01T00:00:00Z')
const notAfter = new Date('2056-01-01T00:00:00Z')
const period = { notBefore, notAfter }
const names = ['*.tetragon-grpc.cilium.io', 'a.b.svc', '10.0.0.1', '2001:db8::ff00:42:8329', '::1']

test('an authority signs certificates of servers and clients', async () => {
  const authority = { commonName: 'Tetragon CA', names: [], ...period, use: 'authority' } as const
  const ca = await makeCertificate(authority)
  const signing = await readAuthority(ca.certificate, ca.key)
  const server = await makeCertificate(
    { commonName: 'server', names, ...period, use: 'server' },
    signing,
  )
  const client = await makeCertificate(
    { commonName: 'client', names: [], ...period, use: 'client' },
    signing,
  )
  const [root, leaf] = [
    new X509Certificate(ca.certificate),
    new X509Certificate(server.certificate),
  ]
  assert.ok(root.ca && root.verify(root.publicKey))
  assert.ok(!leaf.ca && leaf.checkIssued(root) && leaf.verify(root.publicKey))
  assert.equal(leaf.checkHost('node-1.tetragon-grpc.cilium.io'), names[0])
  assert.equal(leaf.checkHost('a.b.svc'), 'a.b.svc')
  for (const address of names.slice(2)) assert.equal(leaf.checkIP(address), address)
  assert.equal(leaf.checkHost('others.example'), undefined)
  assert.deepEqual(new Date(leaf.validTo), notAfter)
  for (const [purpose, { certificate }] of [
    ['sslserver', server],
    ['sslclient', client],
  ] as const) {
    const args = ['verify', '-x509_strict', '-purpose', purpose, '-CAfile', 'ca.crt', 'leaf.crt']
    const files = { 'ca.crt': ca.certificate, 'leaf.crt': certificate }
    assert.match(openssl(args, files), /: OK$/m)
  }
})

test('no two certificates have the same number or key', async () => {
  const request = { commonName: 'a', names: ['a'], ...period, use: 'server' } as const
  const pairs = await Promise.all([makeCertificate(request), makeCertificate(request)])
  const [one, other] = pairs.map(({ certificate }) => new X509Certificate(certificate))
  assert.notEqual(one.serialNumber, other.serialNumber)
  assert.notDeepEqual(
    one.publicKey.export({ format: 'jwk' }),
    other.publicKey.export({ format: 'jwk' }),
  )
})
