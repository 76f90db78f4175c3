import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { after, afterEach, before, beforeEach, describe, it, mock } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { frameHeaderSize, stateFrame } from '@tetragon-ts/console/frames'
import { FakeApiServer } from '@tetragon-ts/kubernetes/testing'
import { keyHeader } from './access.ts'
import { ConsoleServer } from './console-server.ts'
import { pageOf } from './page-files.ts'
import { ReviewAccess } from './review-access.ts'
import { consolePath, TokenReviews } from './token-reviews.ts'

const publicUrl = new URL('https://console.example')
const tokenPath = '/apis/authentication.k8s.io/v1/tokenreviews'
const accessPath = '/apis/authorization.k8s.io/v1/subjectaccessreviews'

/** The verbs of users on the path of the console; their tokens are `token-of-NAME`. */
const rights: Readonly<Record<string, readonly string[]>> = {
  ada: ['get', 'update'],
  bob: ['get'],
  eve: [],
}

let api: FakeApiServer
before(async () => {
  api = await FakeApiServer.start()
})
after(() => api.close())

let server: ConsoleServer
let origin: string
/** Procedures that were called. */
const called: string[] = []
/** Milliseconds of the clock of the reviews. */
let now = 0
/** Number of answers about tokens. */
let answers = 0
beforeEach(async () => {
  api.reviews.set(tokenPath, ({ spec }) => {
    const [, name] = /^token-of-(\w+)$/.exec((spec as { token: string }).token) ?? []
    if (name === undefined) return { status: { authenticated: false } }
    return { status: { authenticated: true, user: { username: name, groups: ['people'] } } }
  })
  api.reviews.set(accessPath, ({ spec }) => {
    const { user, groups, nonResourceAttributes } = spec as {
      user: string
      groups: string[]
      nonResourceAttributes: { path: string; verb: string }
    }
    assert.deepEqual(groups, ['people'])
    assert.equal(nonResourceAttributes.path, consolePath)
    return { status: { allowed: rights[user].includes(nonResourceAttributes.verb) } }
  })
  api.requests.length = 0
  called.length = 0
  const agents = {
    hasNodes: true,
    call: async (name: string) => {
      called.push(name)
      return []
    },
    watch: () => assert.fail('nothing is measured'),
  }
  const source = {
    agents,
    send: async (page: Writable, signal: AbortSignal) => {
      page.write(stateFrame({ isConnected: true }))
      if (!signal.aborted) await once(signal, 'abort')
    },
  }
  server = new ConsoleServer({
    source,
    page: pageOf({ '/': '<p>', '/a.js': '1' }),
    allowsChanges: true,
    pastMs: 0,
  })
  const asked = new TokenReviews(api.client(), () => now)
  const review = (token: string) => asked.review(token).finally(() => answers++)
  const address = await server.listen(
    { kind: 'tcp', host: '127.0.0.1', port: 0 },
    undefined,
    (own) => {
      origin = own.origin
      return { access: new ReviewAccess({ review }, false, () => now), address: own.href }
    },
  )
  assert.equal(address, `${origin}/`)
})
afterEach(() => server.close())

const bearer = (name: string) => ({ authorization: `Bearer token-of-${name}` })

/** What the browser of a user has after it has opened an address. */
async function open(name: string, path = '/') {
  const response = await fetch(origin + path, { headers: bearer(name) })
  const [, next = '', key = ''] = /url=(.*)#key=([\w-]+)"/.exec(await response.text()) ?? []
  const [set = ''] = response.headers.getSetCookie()
  const headers = { ...bearer(name), cookie: set.split(';')[0], [keyHeader]: key, origin }
  return { next, set, headers }
}

function call(name: string, headers: Record<string, string>): Promise<Response> {
  return fetch(`${origin}/api/call/${name}`, { method: 'POST', headers, body: '{}' })
}

describe('a console for the users of a cluster', () => {
  it('refuses requests without a valid token, whatever they ask for', async () => {
    const { headers } = await open('ada')
    for (const authorization of ['', 'Bearer wrong', 'Basic dG9rZW4=', 'Bearer a b']) {
      for (const path of ['/', '/a.js', '/api/settings']) {
        const response = await fetch(origin + path, { headers: { ...headers, authorization } })
        assert.equal(response.status, 401, authorization)
        assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer/)
      }
    }
  })

  it('refuses users without the right to see it, and names the right', async () => {
    const response = await fetch(origin, { headers: bearer('eve') })
    assert.equal(response.status, 403)
    assert.match(await response.text(), /user eve needs the verb get on the path \/tetragon/)
  })

  it('serves many browsers, each with the rights of its user', async () => {
    const [ada, bob] = [await open('ada'), await open('bob')]
    for (const [{ headers }, allowsChanges, status] of [
      [ada, true, 200],
      [bob, false, 403],
    ] as const) {
      const page = await fetch(origin, { headers })
      assert.equal(await page.text(), '<p>')
      const settings = await fetch(`${origin}/api/settings`, { headers })
      assert.deepEqual(await settings.json(), { allowsChanges, hasAgents: true })
      assert.equal((await call('GetVersion', headers)).status, 200)
      assert.equal((await call('DeleteTracingPolicy', headers)).status, status)
    }
    assert.deepEqual(called, ['GetVersion', 'DeleteTracingPolicy', 'GetVersion'])
  })

  it('keeps idle connections for longer than a proxy does', async () => {
    const response = await fetch(origin, { headers: bearer('ada') })
    assert.equal(response.headers.get('keep-alive'), 'timeout=75')
  })

  it('gives a second window of the same user the same key', async () => {
    const [first, second] = [await open('ada'), await open('ada')]
    assert.deepEqual(second.headers, first.headers)
  })

  it('needs the key of the user: the proxy adds the token to requests of other sites', async () => {
    const [ada, bob] = [await open('ada'), await open('bob')]
    const { [keyHeader]: key, ...withoutKey } = ada.headers
    for (const [changed, hasCookie] of [
      [{ ...ada.headers, [keyHeader]: '' }, true],
      [{ ...ada.headers, [keyHeader]: bob.headers[keyHeader] }, true],
      [{ ...ada.headers, cookie: bob.headers.cookie }, false],
      [{ ...bearer('ada'), origin, [keyHeader]: key }, false],
      [withoutKey, true],
    ] as const) {
      const response = await call('GetVersion', changed as Record<string, string>)
      assert.equal(response.status, 403)
      // The next load of the page gets another key. Other sites' requests have no cookie.
      const [removed] = response.headers.getSetCookie()
      if (hasCookie) assert.match(removed, /^tetra-console=;.*Max-Age=0$/)
      else assert.equal(removed, undefined)
    }
    for (const other of ['http://attacker.example', 'null', publicUrl.origin]) {
      assert.equal((await call('GetVersion', { ...ada.headers, origin: other })).status, 403)
    }
    assert.deepEqual(called, [])
  })

  it('opens the address that was asked for, and never another host', async () => {
    const { next } = await open('ada', '/processes?filter=a%20b&id="x"')
    assert.equal(next, '/processes?filter=a%20b&amp;id=%22x%22&amp;opened')
    assert.equal((await open('ada')).next, '/?opened')
    for (const path of ['//attacker.example/', '/.//attacker.example', '/\\attacker.example']) {
      const opened = await open('ada', path)
      assert.match(opened.next, /^\/(?!\/)/, path)
    }
  })

  it('does not open forever if the browser refuses cookies', async () => {
    const response = await fetch(`${origin}/?opened`, { headers: bearer('ada') })
    assert.equal(response.status, 403)
    assert.match(await response.text(), /allow cookies/)
  })

  it('asks the API server again after half a minute, and survives its absence', async () => {
    const { headers } = await open('ada')
    const asked = () => api.requests.filter(({ path }) => path === tokenPath).length
    assert.equal((await fetch(origin, { headers })).status, 200)
    assert.equal(asked(), 1)
    now += 60_000
    api.misbehaviour.set(tokenPath, 500)
    const response = await fetch(origin, { headers })
    assert.equal(response.status, 503)
    assert.match(await response.text(), /^ask the API server: 500/)
    api.misbehaviour.delete(tokenPath)
    assert.equal((await fetch(origin, { headers })).status, 200)
    api.reviews.set(tokenPath, () => ({ status: { authenticated: false } }))
    now += 60_000
    assert.equal((await fetch(origin, { headers })).status, 401)
  })
})

describe('a stream of a user', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setInterval'] }))
  afterEach(() => mock.timers.reset())

  /** Lets time pass, and waits until the stream was checked. */
  async function pass(ms: number): Promise<void> {
    const before = answers
    now += ms
    mock.timers.tick(30_000)
    for (let i = 0; i < 5000 && answers === before; i++) await sleep(1)
    assert.equal(answers, before + 1)
  }

  async function openStream(name: string): Promise<Response> {
    const { headers } = await open(name)
    const response = await fetch(`${origin}/api/events`, { headers })
    assert.equal(response.status, 200)
    return response
  }

  /** The last state of a stream that has ended. */
  async function lastState(response: Response): Promise<unknown> {
    const bytes = Buffer.from(await response.arrayBuffer())
    const first = frameHeaderSize + bytes.readUInt32BE(1)
    return JSON.parse(bytes.subarray(first + frameHeaderSize).toString() || '{}')
  }

  it('ends with the right to see the console, and says why', async () => {
    const response = await openStream('bob')
    await pass(60_000)
    api.reviews.set(accessPath, () => ({ status: { allowed: false } }))
    await pass(60_000)
    const reason = 'the user bob needs the verb get on the path /tetragon/console in the cluster'
    assert.deepEqual(await lastState(response), { isConnected: false, reason })
  })

  it('ends with the token, and says why', async () => {
    const response = await openStream('bob')
    api.reviews.set(tokenPath, () => ({ status: { authenticated: false } }))
    await pass(60_000)
    const reason = 'the API server refuses the token'
    assert.deepEqual(await lastState(response), { isConnected: false, reason })
  })

  it('survives a short absence of the API server, and ends with a long one', async () => {
    const response = await openStream('bob')
    api.misbehaviour.set(tokenPath, 500)
    await pass(290_000)
    api.misbehaviour.delete(tokenPath)
    await pass(100_000)
    api.misbehaviour.set(tokenPath, 500)
    await pass(290_000)
    await pass(20_000)
    const state = (await lastState(response)) as { isConnected: boolean; reason: string }
    assert.equal(state.isConnected, false)
    assert.match(state.reason, /^ask the API server: 500/)
  })
})
