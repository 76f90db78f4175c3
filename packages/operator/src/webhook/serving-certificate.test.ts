import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { fields, list, text } from '@tetragon-ts/kubernetes'
import { FakeApiServer } from '@tetragon-ts/kubernetes/testing'
import { certificatesOf } from '../certificates/pem.ts'
import { until } from '../testing/until.ts'
import { ServingCertificate } from './serving-certificate.ts'

const folder = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
const names = { name: 'tetragon-operator-webhook', namespace: 'here' }
const other = { name: 'others', clientConfig: { caBundle: 'bWluZQ==', url: 'https://other' } }

let server: FakeApiServer
let end: AbortController
let replicas: Replica[]
beforeEach(async () => {
  server = await FakeApiServer.start()
  end = new AbortController()
  replicas = []
  configure()
})
afterEach(async () => {
  end.abort()
  await Promise.all(replicas.map(({ ended }) => ended))
  server.close()
})

/** Puts the configuration as Helm makes it: without certificates. */
function configure(caBundle?: string): void {
  const clientConfig = { service: { ...names, path: '/x' }, ...(caBundle && { caBundle }) }
  const webhooks = [{ name: 'own', clientConfig, failurePolicy: 'Ignore' }, other]
  server.set(folder, { metadata: { name: names.name }, webhooks })
}

const webhooks = () => list(server.get(folder, names.name)?.webhooks).map(fields)
const bundle = (): string[] => {
  const { caBundle } = fields(webhooks()[0]?.clientConfig)
  return certificatesOf(Buffer.from(text(caBundle), 'base64').toString())
}

/** A replica of the operator: its certificates, in order. */
class Replica {
  readonly used: string[] = []
  readonly errors: string[] = []
  ended: Promise<void> = Promise.resolve()
  trusted = 0

  static async start(ms = { validity: 3_600_000, check: 20 }): Promise<Replica> {
    const certificate = await ServingCertificate.make(server.client(), names, ms)
    const replica = new Replica()
    replicas.push(replica)
    replica.used.push(certificate.pair.certificate)
    replica.ended = certificate.run(
      {
        use: (pair) => {
          // The API server must know it before it is used.
          if (bundle().length > 0) assert.ok(bundle().includes(pair.certificate))
          replica.used.push(pair.certificate)
        },
        trusted: () => replica.trusted++,
        failed: (error) => replica.errors.push(error.message),
      },
      end.signal,
    )
    return replica
  }

  get last(): string {
    return this.used.at(-1) ?? ''
  }
}

const isTrusted = ({ last }: Replica): boolean => bundle().includes(last)

describe('the certificate of the webhook', () => {
  it('is for the Service, and is added to the configuration', async () => {
    const replica = await Replica.start()
    await until(() => replica.trusted > 0)
    assert.deepEqual(bundle(), replica.used)
    const certificate = new X509Certificate(replica.last)
    assert.equal(
      certificate.checkHost('tetragon-operator-webhook.here.svc'),
      'tetragon-operator-webhook.here.svc',
    )
    assert.ok(!certificate.ca)
    assert.deepEqual(webhooks()[1], other)
    assert.equal(webhooks()[0].failurePolicy, 'Ignore')
    await until(() => replica.trusted > 3)
    assert.equal(server.writes(folder).length, 1)
  })

  it('of each replica is trusted, whoever writes first', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => Replica.start()))
    await until(() => all.every(isTrusted))
    assert.deepEqual(bundle().toSorted(), all.map(({ last }) => last).toSorted())
    assert.deepEqual(
      all.flatMap(({ errors }) => errors),
      [],
    )
  })

  it('is replaced before it expires, and used when it is known', async () => {
    const replica = await Replica.start({ validity: 3000, check: 20 })
    await until(() => replica.used.length > 1)
    const [first, second] = replica.used
    assert.ok(Date.now() < Date.parse(new X509Certificate(first).validTo) + 1000)
    assert.ok(bundle().includes(second))
    await until(() => !bundle().includes(first))
    assert.deepEqual(replica.errors, [])
  })

  it('is made again when the configuration loses it', async () => {
    const replica = await Replica.start()
    await until(() => isTrusted(replica) && replica.trusted > 0)
    configure()
    await until(() => replica.used.length === 2 && isTrusted(replica))
    server.delete(folder, { metadata: { name: names.name } })
    const { trusted } = replica
    await until(() => replica.trusted > trusted + 2)
    configure()
    await until(() => isTrusted(replica))
  })

  it('leaves certificates of others in the configuration, and removes what is none', async () => {
    const foreign = await ServingCertificate.make(server.client(), { ...names, name: 'a' })
    const { certificate } = foreign.pair
    configure(
      Buffer.from(
        `junk${certificate}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
      ).toString('base64'),
    )
    const replica = await Replica.start()
    await until(() => isTrusted(replica))
    assert.deepEqual(bundle(), [certificate, replica.last])
  })

  it('is not trusted while the API server refuses', async () => {
    server.misbehaviour.set(folder, 403)
    const replica = await Replica.start()
    await until(() => replica.errors.length > 1)
    assert.equal(replica.trusted, 0)
    server.misbehaviour.clear()
    await until(() => replica.trusted > 0)
  })

  it('of ended replicas makes place for newer ones', async () => {
    const live = await Replica.start()
    await until(() => isTrusted(live))
    // They check once. One that loses a race against the live replica tries again after 10 s.
    setMaxListeners(0, end.signal)
    for (let i = 0; i < 20; i++) {
      const ending = await Replica.start({ validity: 3_600_000, check: 200_000 })
      await until(() => ending.trusted > 0)
    }
    await until(() => isTrusted(live) && bundle().length === 16)
    const writes = server.writes(folder).length
    const { trusted } = live
    await until(() => live.trusted > trusted + 3)
    assert.equal(server.writes(folder).length, writes)
  })
})
