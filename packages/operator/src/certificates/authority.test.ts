import assert from 'node:assert/strict'
import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, it } from 'node:test'
import { readAuthority } from './authority.ts'
import { makeCertificate } from './make-certificate.ts'
import { handshake } from './testing/handshake.ts'
import { openssl } from './testing/openssl.ts'
import { ownAuthority } from './testing/own-authority.ts'

const hour = 3_600_000
const period = { notBefore: new Date(Date.now() - hour), notAfter: new Date(Date.now() + hour) }
const names = ['*.tetragon-grpc.cilium.io']

const ec = (namedCurve = 'prime256v1') => generateKeyPairSync('ec', { namedCurve }).privateKey
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const pkcs8 = (key: KeyObject) => String(key.export({ type: 'pkcs8', format: 'pem' }))

const critical = ['basicConstraints=critical,CA:true', 'keyUsage=critical,keyCertSign,cRLSign']
/** From versions of Go, which has no authority key identifier in certificates of roots. */
const go = (identifier: string, usage = 'digitalSignature,keyCertSign') => [
  ...[critical[0], `keyUsage=critical,${usage}`],
  ...[`subjectKeyIdentifier=${identifier}`, 'authorityKeyIdentifier=none'],
]

/** In hexadecimal form: of the public key, or of the structure around it. */
function digest(hash: string, key: string, of: 'key' | 'structure'): string {
  const publicKey = createPublicKey(key)
  const structure = publicKey.export({ type: 'spki', format: 'der' })
  const isRsa = publicKey.asymmetricKeyType === 'rsa'
  // The point of P-256: one byte and two coordinates.
  const bits = isRsa ? publicKey.export({ type: 'pkcs1', format: 'der' }) : structure.subarray(-65)
  const bytes = of === 'key' ? bits : structure
  return createHash(hash).update(bytes).digest('hex').slice(0, 40)
}

/** Extensions of authorities by those who make them. */
const makers: Readonly<Record<string, (key: string) => readonly string[]>> = {
  openssl: () => [...critical, 'subjectKeyIdentifier=hash', 'authorityKeyIdentifier=keyid:always'],
  'Go before 1.15': (key) => go(digest('sha1', key, 'structure')),
  'Go before 1.25': (key) => go(digest('sha1', key, 'key')),
  Go: (key) => go(digest('sha256', key, 'key')),
  'cert-manager': (key) =>
    go(digest('sha1', key, 'key'), 'digitalSignature,keyEncipherment,keyCertSign'),
  'one without identifier': () => [...critical, 'subjectKeyIdentifier=none'],
  'one with a short identifier': () => [...critical, 'subjectKeyIdentifier=04:02:05:00'],
}

/** OpenSSL and Node.js accept certificates of the authority if they trust only the root. */
async function assertTrusted(ca: string, key: string, root = ca): Promise<void> {
  const authority = await readAuthority(ca, key)
  const make = async (use: 'server' | 'client') => ({
    ...(await makeCertificate({ commonName: use, names, use, ...period }, authority)),
    ca: root,
  })
  const [server, client] = [await make('server'), await make('client')]
  const args = ['-purpose', 'sslserver', '-CAfile', 'root', '-untrusted', 'leaf', 'leaf']
  const files = { root, leaf: server.certificate }
  assert.equal(openssl(['verify', ...args], files), 'leaf: OK\n')
  await handshake(server, client, 'node.tetragon-grpc.cilium.io')
}

describe("certificates of a user's authority", () => {
  for (const [maker, extensions] of Object.entries(makers)) {
    it(`are trusted if it is from ${maker}`, async () => {
      for (const key of [pkcs8(ec()), pkcs8(rsa)]) {
        await assertTrusted(ownAuthority(key, { extensions: extensions(key) }), key)
      }
    })
  }

  it('are trusted whatever its curve and its name', async () => {
    for (const [curve, subject] of [
      ['secp384r1', '/C=DE/O=Größe & Söhne/CN=ü'],
      ['secp521r1', '/DC=example/DC=com/OU=a+CN=b/emailAddress=ca@example.com'],
    ]) {
      const key = pkcs8(ec(curve))
      await assertTrusted(ownAuthority(key, { subject }), key)
    }
  })

  it('are trusted by those who have only the root of an intermediate authority', async () => {
    const [rootKey, key] = [pkcs8(rsa), pkcs8(ec())]
    const root = ownAuthority(rootKey)
    const parent = { certificate: root, key: rootKey }
    const ca = ownAuthority(key, { subject: '/CN=intermediate', parent })
    for (const chain of [ca, ca + root, root + ca]) await assertTrusted(chain, key, root)
    const { bundle, intermediates } = await readAuthority(root + ca, key)
    assert.deepEqual([bundle, intermediates], [ca + root, ca])
  })

  it('are trusted whatever the form of its files', async () => {
    const key = ec()
    const ca = ownAuthority(pkcs8(key))
    const withText = openssl(['x509', '-text', '-in', 'ca'], { ca })
    const sec1 = String(key.export({ type: 'sec1', format: 'pem' }))
    const parameters = openssl(['ecparam', '-name', 'prime256v1'])
    const pkcs1 = String(rsa.export({ type: 'pkcs1', format: 'pem' }))
    for (const [certificate, form] of [
      [withText, `${parameters}${sec1}`],
      [withText.replaceAll('\n', '\r\n'), sec1.replaceAll('\n', '\r\n')],
      [`\ufeff# Größe\n${ca.trim()}`, `# key\n\n${sec1.trim()}`],
      [ownAuthority(pkcs1), pkcs1],
    ]) {
      await assertTrusted(certificate, form)
    }
    const { bundle } = await readAuthority(withText + sec1, sec1)
    assert.equal(bundle, ca)
  })
})

describe('an authority', () => {
  it('is refused with the reason if it cannot sign', async () => {
    const key = pkcs8(ec())
    const ca = ownAuthority(key)
    const cannotSign = ownAuthority(key, { extensions: [critical[0], 'keyUsage=digitalSignature'] })
    const encrypted = { format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const
    const ed25519 = pkcs8(generateKeyPairSync('ed25519').privateKey)
    const curve = pkcs8(ec('secp256k1'))
    const cases: readonly [ca: string, key: string, message: RegExp][] = [
      ['junk', key, /^ca\.crt has no certificate in PEM form$/],
      [ca.replace('MII', 'MIA'), key, /^ca\.crt has an invalid certificate: /],
      [ca, 'junk', /^ca\.key has no private key in PEM form$/],
      [ca, pkcs8(rsa), /^ca\.key is not the key of a certificate in ca\.crt$/],
      [cannotSign, key, /^ca\.crt is not a certificate authority$/],
      [ca, String(ec().export({ type: 'pkcs8', ...encrypted })), /^ca\.key is encrypted/],
      [ca, String(ec().export({ type: 'sec1', ...encrypted })), /^ca\.key is encrypted/],
      [ownAuthority(ed25519), ed25519, /^ca\.key is of type ed25519; use RSA, P-256/],
      [ownAuthority(curve), curve, /^ca\.key is of type secp256k1; use RSA, P-256/],
    ]
    for (const [certificate, each, message] of cases) {
      await assert.rejects(readAuthority(certificate, each), { message })
    }
  })
})
