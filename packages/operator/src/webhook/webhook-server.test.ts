import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:https'
import { after, before, describe, it } from 'node:test'
import { connect } from 'node:tls'
import { type KeyPair, makeCertificate } from '../certificates/make-certificate.ts'
import type { AdmissionHandler } from './admission.ts'
import { admissionHandlers } from './handlers.ts'
import { WebhookServer } from './webhook-server.ts'

const ownHandlers = admissionHandlers(undefined)
const [path] = Object.keys(ownHandlers)
const uid = '705ab4f5-6393-11e8-b7cc-42010a800002'
const names = ['localhost']

const pairOf = (): Promise<KeyPair> =>
  makeCertificate({
    commonName: 'test',
    names,
    use: 'server',
    notBefore: new Date(Date.now() - 1000),
    notAfter: new Date(Date.now() + 3_600_000),
  })

/** A review as API servers write it: the uid is first. */
function reviewOf(spec: unknown): string {
  const object = { apiVersion: 'cilium.io/v1alpha1', kind: 'TracingPolicy', spec }
  const rest = { operation: 'CREATE', kind: { kind: 'TracingPolicy' }, name: 'a' }
  return JSON.stringify({
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: { uid, ...rest, object: { ...object, metadata: { name: 'a' } }, oldObject: null },
  })
}

const broken: AdmissionHandler = {
  review: () => {
    throw new TypeError('secret')
  },
  unreviewed: () => ({ allowed: false, message: 'refused unread' }),
}

/** Warns about the time that it has. */
const timed: AdmissionHandler = {
  review: (_, ms) => ({ allowed: true, warnings: [String(ms)] }),
  unreviewed: broken.unreviewed,
}

describe('the webhook', () => {
  let server: WebhookServer
  let pair: KeyPair
  const errors: Error[] = []
  before(async () => {
    pair = await pairOf()
    const handlers = { ...ownHandlers, '/broken': broken, '/timed': timed }
    const at = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const
    server = await WebhookServer.start(at, handlers, pair, (error) => errors.push(error))
  })
  after(() => server.close())

  async function send(
    body: string | Buffer,
    { to = path, method = 'POST', type = 'application/json' } = {},
  ): Promise<{ status: number; text: string }> {
    const headers = { 'content-type': type }
    const options = { host: 'localhost', family: 4, port: server.port, path: to, method, headers }
    const sent = request({ ...options, ca: pair.certificate, agent: false })
    sent.end(body)
    const [response] = await once(sent, 'response')
    let text = ''
    for await (const piece of response.setEncoding('utf8')) text += piece
    return { status: response.statusCode, text }
  }

  const verdictOf = async (body: string | Buffer, to = path) => {
    const { status, text } = await send(body, { to })
    assert.equal(status, 200, text)
    const { apiVersion, kind, response } = JSON.parse(text)
    assert.deepEqual([apiVersion, kind], ['admission.k8s.io/v1', 'AdmissionReview'])
    assert.equal(response.uid, uid)
    return response
  }

  it('answers reviews', async () => {
    const good = await verdictOf(reviewOf({ kprobes: [{ call: 'f', syscall: false }] }))
    assert.deepEqual(good, { uid, allowed: true })
    const { allowed, status } = await verdictOf(reviewOf({ kprobes: [{ cal: 'f' }] }))
    assert.equal(allowed, false)
    assert.equal(status.code, 400)
    assert.match(status.message, /\[POLICY_UNKNOWN_FIELD\]/)
  })

  it('reads how long the API server waits', async () => {
    for (const [query, ms] of [
      ['?timeout=5s', '5000'],
      ['?a=b&timeout=30s', '30000'],
      ['', 'undefined'],
      ['?timeout=-1s', 'undefined'],
      ['?timeout=99999s', 'undefined'],
    ]) {
      assert.deepEqual((await verdictOf(reviewOf({}), `/timed${query}`)).warnings, [ms])
    }
  })

  it('refuses what is not a review', async () => {
    const cases: readonly [body: string, options: Parameters<typeof send>[1], status: number][] = [
      ['', {}, 400],
      ['{', {}, 400],
      ['[]', {}, 400],
      ['null', {}, 400],
      ['{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview"}', {}, 400],
      ['{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":5}', {}, 400],
      [reviewOf({}), { to: '/' }, 404],
      [reviewOf({}), { to: '/__proto__' }, 404],
      [reviewOf({}), { to: '//validate/tracingpolicies' }, 404],
      [reviewOf({}), { method: 'PUT' }, 405],
      [reviewOf({}), { type: 'text/plain' }, 415],
      [reviewOf({}), { type: 'application/jsonx' }, 415],
    ]
    for (const [body, options, status] of cases) {
      assert.equal((await send(body, options)).status, status, `${body} ${JSON.stringify(options)}`)
    }
    assert.ok((await verdictOf(reviewOf(misspelt))).status)
  })

  const misspelt = { kprobes: [{ cal: 'f' }] }

  it('does not read what is too large; the handler decides what that means', async () => {
    const bodies = [
      reviewOf({ lists: ['x'.repeat(3 << 20)] }),
      reviewOf({ lists: Array.from({ length: 100_000 }, () => 0) }),
      reviewOf({ lists: ['x'.repeat(200_000)] }),
    ]
    for (const body of bodies) {
      const { allowed, warnings } = await verdictOf(body)
      assert.ok(allowed)
      assert.match(warnings[0], /^the policy was not validated: .* more than/)
    }
    const unread = await verdictOf(bodies[0], '/broken')
    assert.equal(unread.status.message, 'refused unread')
    assert.equal((await send(`[${'0,'.repeat(2 << 20)}0]`)).status, 400)
    assert.equal(server.counts.unreviewed, 4)
  })

  it('logs errors of handlers, and does not answer with them', async () => {
    const { status, text } = await send(reviewOf({}), { to: '/broken' })
    assert.equal(status, 500)
    assert.doesNotMatch(text, /secret/)
    assert.equal(errors[0].message, 'secret')
  })

  it('refuses more requests than it has room for, and answers others afterwards', async () => {
    const stalled = Array.from({ length: 16 }, () => {
      const socket = connect({
        host: '127.0.0.1',
        port: server.port,
        ca: pair.certificate,
        servername: 'localhost',
      })
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{`,
      )
      return socket
    })
    let status = 0
    while (status !== 503) status = (await send(reviewOf({}))).status
    for (const socket of stalled) socket.destroy()
    while (status !== 200) status = (await send(reviewOf({}))).status
  })

  it('uses another certificate for new connections', async () => {
    const old = pair
    pair = await pairOf()
    server.use(pair)
    await verdictOf(reviewOf({}))
    pair = old
    await assert.rejects(send(reviewOf({})), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  })
})
