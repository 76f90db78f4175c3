import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { fields, text } from '@tetragon-ts/kubernetes'
import { FakeApiServer } from '@tetragon-ts/kubernetes/testing'
import { makeCertificate } from '../certificates/make-certificate.ts'
import { ownAuthority } from '../certificates/testing/own-authority.ts'
import { Log } from '../log.ts'
import { generateCertificates } from './certgen.ts'
import { readCertgenSettings } from './certgen-options.ts'

const folder = '/api/v1/secrets'
const name = '*.tetragon-grpc.cilium.io'
const lines: string[] = []
const log = new Log((line) => lines.push(line))
const { signal } = new AbortController()

let server: FakeApiServer
beforeEach(async () => {
  server = await FakeApiServer.start()
  for (const each of ['tetragon-ca', 'tetragon-server-certs', 'clients']) put(each, {})
})
afterEach(() => server.close())

function put(secret: string, data: Readonly<Record<string, string>>): void {
  const encoded = Object.entries(data).map(([key, value]) => [
    key,
    Buffer.from(value).toString('base64'),
  ])
  const metadata = { name: secret, namespace: 'n', labels: { of: 'chart' } }
  server.set(folder, { metadata, type: 'Opaque', data: Object.fromEntries(encoded) })
}

function get(secret: string, key: string): string {
  return Buffer.from(
    text(fields(server.get(folder, `n/${secret}`)?.data)[key]),
    'base64',
  ).toString()
}

const run = (...argv: readonly string[]): Promise<void> =>
  generateCertificates(server.client(), 'n', readCertgenSettings(argv), log, signal)

const authority = (): X509Certificate => new X509Certificate(get('tetragon-ca', 'ca.crt'))
const certificate = (secret = 'tetragon-server-certs'): X509Certificate =>
  new X509Certificate(get(secret, 'tls.crt'))
const daysOf = ({ validTo }: X509Certificate): number =>
  Math.round((Date.parse(validTo) - Date.now()) / 86_400_000)

describe('certgen', () => {
  it('makes an authority and certificates for agents and clients', async () => {
    await run('--generate-ca', `--server-names=${name},10.1.2.3`, '--client-secret=clients')
    assert.ok(certificate().checkIssued(authority()) && certificate().verify(authority().publicKey))
    assert.equal(certificate().checkHost('a.tetragon-grpc.cilium.io'), name)
    assert.equal(certificate().checkIP('10.1.2.3'), '10.1.2.3')
    assert.ok(certificate('clients').verify(authority().publicKey))
    assert.equal(certificate('clients').subject, 'CN=tetragon-client')
    assert.deepEqual([daysOf(certificate()), daysOf(authority())], [365, 1095])
    for (const each of ['clients', 'tetragon-server-certs']) {
      assert.equal(get(each, 'ca.crt'), get('tetragon-ca', 'ca.crt'))
      assert.match(get(each, 'tls.key'), /PRIVATE KEY/)
      assert.equal(get(each, 'ca.key'), '')
    }
    assert.deepEqual(fields(server.get(folder, 'n/clients')?.metadata).labels, { of: 'chart' })
  })

  it('makes new certificates each time, from the same authority while it lasts', async () => {
    await run('--generate-ca')
    const [first, old] = [certificate().serialNumber, authority().serialNumber]
    await run('--generate-ca')
    assert.notEqual(certificate().serialNumber, first)
    assert.equal(authority().serialNumber, old)
    await run('--generate-ca', '--validity=48000h')
    assert.notEqual(authority().serialNumber, old)
    assert.equal(daysOf(authority()), 2000)
  })

  it('uses an authority of the user', async () => {
    const key = String(
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
        type: 'pkcs1',
        format: 'pem',
      }),
    )
    const ca = ownAuthority(key)
    put('tetragon-ca', { 'ca.crt': `# mine\n${ca}${key}`, 'ca.key': key })
    await run()
    assert.ok(certificate().checkIssued(authority()) && certificate().verify(authority().publicKey))
    // The key must not get to agents and clients.
    assert.equal(get('tetragon-server-certs', 'ca.crt'), ca)
  })

  it('says what is wrong with an authority or a Secret', async () => {
    const code = 'OPERATOR_CERTIFICATE'
    await assert.rejects(run(), {
      code,
      message: /n\/tetragon-ca: it is empty; fill it, or use --generate-ca/,
    })
    put('tetragon-ca', { 'ca.crt': 'junk', 'ca.key': 'junk' })
    await assert.rejects(run('--generate-ca'), {
      code,
      message: /^use the authority of Secret n\/tetragon-ca: /,
    })
    const period = { notBefore: new Date(0), notAfter: new Date(Date.now() + 1000) }
    const request = { commonName: 'a', names: [], ...period }
    const leaf = await makeCertificate({ ...request, use: 'server' })
    put('tetragon-ca', { 'ca.crt': leaf.certificate, 'ca.key': leaf.key })
    await assert.rejects(run(), { code, message: /not a certificate authority/ })
    const [one, other] = await Promise.all(
      [1, 2].map(() => makeCertificate({ ...request, use: 'authority' })),
    )
    put('tetragon-ca', { 'ca.crt': one.certificate, 'ca.key': other.key })
    await assert.rejects(run(), { code, message: /not the key of a certificate in ca.crt/ })
    await assert.rejects(run('--ca-secret=none'), {
      code,
      message: /read Secret n\/none: 404 .*create it empty/,
    })
    server.misbehaviour.set(folder, 403)
    await assert.rejects(run(), { code, message: /403 .*needs the verbs get and update/ })
    for (const option of ['--validity=0s', '--validity=8760001h', '--ca-validity=100000000h']) {
      assert.throws(() => readCertgenSettings([option]), { code: 'OPERATOR_OPTION' })
    }
  })

  it('leaves one consistent result when runs compete', async () => {
    await Promise.all(Array.from({ length: 4 }, () => run('--generate-ca')))
    assert.ok(certificate().verify(authority().publicKey))
    assert.equal(get('tetragon-server-certs', 'ca.crt'), get('tetragon-ca', 'ca.crt'))
  })
})
