import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { codecOf, type GetEventsRequest, GetEventsResponse } from '@tetragon-ts/api'
import { frameHeaderSize } from '@tetragon-ts/console/frames'
import { LocalAgent } from '../connection/local-agent.ts'
import { TestAgent } from '../testing/test-agent.ts'
import { keyHeader } from './access.ts'
import { AgentEvents } from './agent-events.ts'
import { ConsoleServer } from './console-server.ts'
import { pageOf } from './page-files.ts'
import { oneBrowser } from './token-access.ts'

const folder = mkdtempSync(join(tmpdir(), 'tetra-console-'))
const page = pageOf({ '/': '<!doctype html>', '/assets/main-1.js': 'run()' })

let agent: TestAgent
let agents: LocalAgent
before(async () => {
  agent = await TestAgent.start(join(folder, 'agent'))
  agents = new LocalAgent({
    address: `unix:${agent.path}`,
    timeout: 20_000,
    retries: 0,
    maxReceive: 1 << 20,
    tls: undefined,
  })
})
after(async () => {
  agents[Symbol.dispose]()
  await agent.stop()
  rmSync(folder, { recursive: true })
})

let server: ConsoleServer
/** With the token. */
let address: string
let origin: string
beforeEach(async () => {
  agent.reset()
  await start(false)
})
afterEach(() => server.close())

async function start(allowsChanges: boolean): Promise<void> {
  server = new ConsoleServer({ source: new AgentEvents(agents), page, allowsChanges, pastMs: 1000 })
  address = await server.listen({ kind: 'tcp', host: '127.0.0.1', port: 0 }, undefined, oneBrowser)
  origin = new URL(address).origin
}

/** What a browser has after it has opened the address. */
interface Browser {
  readonly cookie: string
  readonly key: string
}

async function open(): Promise<Browser> {
  const response = await fetch(address)
  assert.equal(response.status, 200)
  const [, key = ''] = /url=\/#key=([\w-]+)"/.exec(await response.text()) ?? []
  const [set] = response.headers.getSetCookie()
  assert.match(set, /^tetra-console-\w+=[\w-]+; Path=\/; HttpOnly; SameSite=Strict$/)
  return { cookie: set.split(';')[0], key }
}

function headersOf({ cookie, key }: Browser): Record<string, string> {
  return { cookie, [keyHeader]: key, origin }
}

function call(name: string, browser: Browser, body: unknown = {}): Promise<Response> {
  const headers = headersOf(browser)
  return fetch(`${origin}/api/call/${name}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
}

describe('access to the console', () => {
  it('is given once, to the browser that opens the address', async () => {
    const browser = await open()
    assert.equal((await fetch(address)).status, 403)
    const again = await fetch(address, { headers: { cookie: browser.cookie } })
    assert.match(await again.text(), /url=\/"/)
    const response = await fetch(origin, { headers: { cookie: browser.cookie } })
    assert.equal(await response.text(), '<!doctype html>')
  })

  it('needs the cookie for every address', async () => {
    const { key } = await open()
    for (const path of [
      '/',
      '/assets/main-1.js',
      '/events',
      '/api/events',
      '/nowhere',
      '/?token=',
    ]) {
      const headers = { [keyHeader]: key, cookie: `tetra-console-0=${key}` }
      assert.equal((await fetch(origin + path, { headers })).status, 403, path)
    }
    assert.equal((await call('GetVersion', { cookie: 'a=b', key })).status, 403)
  })

  it('needs the key for what the page asks for: the cookie goes to all ports', async () => {
    const { cookie } = await open()
    for (const key of ['', 'x', cookie]) {
      assert.equal((await call('GetVersion', { cookie, key })).status, 403)
    }
    assert.equal((await fetch(`${origin}/api/events`, { headers: { cookie } })).status, 403)
    assert.deepEqual(agent.requestsOf('GetVersion'), [])
  })

  it('is refused to pages of other sites, and to other names of this machine', async () => {
    const browser = await open()
    const headers = headersOf(browser)
    const refused: [number, Record<string, string>][] = [
      [421, { host: 'attacker.example' }],
      [421, { host: new URL(origin).host.replace('127.0.0.1', 'localhost') }],
      [403, { origin: 'http://attacker.example' }],
      [403, { origin: origin.replace('http:', 'https:') }],
      [403, { origin: 'null' }],
      [403, { 'sec-fetch-site': 'cross-site' }],
      [403, { 'sec-fetch-site': 'same-site' }],
    ]
    for (const [status, changed] of refused) {
      for (const path of ['/', '/api/events']) {
        const text = await raw('GET', path, { ...headers, ...changed })
        assert.match(text, new RegExp(`^HTTP/1.1 ${status} `), `${path} ${JSON.stringify(changed)}`)
      }
      const text = await raw('POST', '/api/call/GetVersion', { ...headers, ...changed }, '{}')
      assert.match(text, new RegExp(`^HTTP/1.1 ${status} `), JSON.stringify(changed))
    }
    const { origin: _, ...withoutOrigin } = headers
    assert.match(await raw('POST', '/api/call/GetVersion', withoutOrigin, '{}'), /^HTTP\/1.1 403 /)
    assert.deepEqual(agent.requestsOf('GetVersion'), [])
  })

  it('is limited to what the page may load and do', async () => {
    const { cookie } = await open()
    const response = await fetch(origin, { headers: { cookie } })
    const policy = response.headers.get('content-security-policy') ?? ''
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/)
    assert.ok(!/unsafe|https?:|\*/.test(policy))
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
    assert.equal(response.headers.get('referrer-policy'), 'no-referrer')
    assert.equal(response.headers.get('cache-control'), 'no-store')
  })
})

describe('calls of the page', () => {
  it('are passed to the agent, with its answers or errors', async () => {
    const browser = await open()
    agent.answer('GetVersion', { version: 'v1' })
    const answer = await call('GetVersion', browser)
    assert.deepEqual(await answer.json(), [{ node: '', response: { version: 'v1' } }])
    agent.fail(13, 'broken')
    const failed = await call('GetVersion', browser)
    assert.equal(failed.status, 502)
    assert.match(await failed.text(), /broken/)
  })

  it('read annotated programs', async () => {
    agent.answer('GetPolicyPrograms', { hooks: [{ path: 'spec.kprobes[0]' }], next_position: 4 })
    const response = await call('GetPolicyPrograms', await open(), { name: 'p', position: 2 })
    assert.deepEqual(await response.json(), [
      { node: '', response: { hooks: [{ path: 'spec.kprobes[0]' }], next_position: 4 } },
    ])
    assert.deepEqual(agent.requestsOf('GetPolicyPrograms'), [{ name: 'p', position: 2 }])
  })

  it('are not answered by agents that do not have them, such as those of the original', async () => {
    const browser = await open()
    agent.failOnly('GetLosses', 12, 'unknown service tetragonts.Inspect')
    const answer = await call('GetLosses', browser)
    assert.equal(answer.status, 200)
    const [{ node, failure }] = (await answer.json()) as { node: string; failure: string }[]
    assert.equal(node, '')
    assert.match(failure, /it is the original Tetragon/)
  })

  it('change nothing, unless that is allowed', async () => {
    const browser = await open()
    const names = ['AddTracingPolicy', 'DeleteTracingPolicy', 'ConfigureTracingPolicy']
    for (const name of names) {
      const response = await call(name, browser, { yaml: 'x' })
      assert.equal(response.status, 403)
      assert.match(await response.text(), /--allow-changes/)
      assert.deepEqual(agent.requestsOf(name), [])
    }
    await server.close()
    await start(true)
    const other = await open()
    const settings = await fetch(`${origin}/api/settings`, { headers: headersOf(other) })
    assert.deepEqual(await settings.json(), { allowsChanges: true, hasAgents: true })
    for (const name of names) assert.equal((await call(name, other)).status, 200)
    assert.equal(agent.requestsOf('AddTracingPolicy').length, 1)
  })

  it('measure between two responses of the agent', async () => {
    const browser = await open()
    const [before, now, later] = [1, 2, 3].map((id) => ({ programs: [{ id }] }))
    agent.answerWatch('WatchPrograms', before, now, later)
    const answer = await call('WatchPrograms', browser)
    assert.deepEqual(
      await answer.json(),
      [before, now].map((response) => [{ node: '', response }]),
    )
    agent.fail(13, 'broken')
    assert.equal((await call('WatchPrograms', browser)).status, 502)
  })

  it('cannot name other procedures, and must be objects', async () => {
    const browser = await open()
    for (const name of [
      'SetDebug',
      'RemoveSensor',
      'RuntimeHook',
      'constructor',
      'GetEvents',
      'WatchActivity',
    ]) {
      assert.equal((await call(name, browser)).status, 404, name)
    }
    for (const body of [1, null, [], 'x']) {
      assert.equal((await call('GetVersion', browser, body)).status, 400)
    }
    const headers = headersOf(browser)
    const tooLong = await raw('POST', '/api/call/GetVersion', headers, 'x'.repeat((8 << 20) + 1))
    assert.match(tooLong, /^HTTP\/1.1 400 .*the request has more than 8388608 bytes/s)
  })
})

describe('the stream to the page', () => {
  const codec = codecOf(GetEventsResponse)
  const event = (path: string): object => ({ process_exec: { process: { binary: path } } })

  /** Reads frames as they arrive. */
  async function* framesOf(response: Response): AsyncGenerator<{ kind: number; content: Buffer }> {
    let rest = Buffer.alloc(0)
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      rest = Buffer.concat([rest, chunk])
      while (rest.length >= frameHeaderSize) {
        const end = frameHeaderSize + rest.readUInt32BE(1)
        if (rest.length < end) break
        yield { kind: rest[0], content: rest.subarray(frameHeaderSize, end) }
        rest = rest.subarray(end)
      }
    }
  }

  it('has the events of the agent as it sent them, and survives its end', async () => {
    const browser = await open()
    const response = await fetch(`${origin}/api/events`, { headers: headersOf(browser) })
    assert.equal(response.status, 200)
    const frames = framesOf(response)
    const next = async () => (await frames.next()).value as { kind: number; content: Buffer }
    const subscribed = async () => {
      let state = JSON.parse((await next()).content.toString())
      // The answer about the agent's health may come first.
      if (state.isSubscribed === undefined) state = JSON.parse((await next()).content.toString())
      assert.deepEqual(state, { isConnected: true, isSubscribed: true })
    }
    await agent.streams(1)
    await subscribed()
    agent.send(event('/a'), event('/b'))
    for (const path of ['/a', '/b']) {
      const { kind, content } = await next()
      assert.equal(kind, 0)
      assert.deepEqual(codec.decode(content), event(path))
    }
    agent.endStreams({ code: 14, details: 'it restarts' })
    const { isConnected, reason } = JSON.parse((await next()).content.toString())
    assert.equal(isConnected, false)
    assert.match(reason, /it restarts/)
    await agent.streams(1)
    await subscribed()
    agent.send(event('/c'))
    assert.deepEqual(codec.decode((await next()).content), event('/c'))
    await frames.return(undefined)
    // The page is gone, and so is its stream.
    await agent.streams(0)
  })

  it('has the past of the agent, from a time on', async () => {
    const browser = await open()
    const since = '2026-01-31T12:00:00.000Z'
    const ask = (query: string) =>
      fetch(`${origin}/api/past${query}`, { headers: headersOf(browser) })
    const response = ask(`?since=${since}`)
    await agent.streams(1)
    const [request] = agent.requestsOf('GetEvents') as GetEventsRequest[]
    assert.equal(Date.parse(request.since ?? ''), Date.parse(since))
    assert.equal(request.past_only, true)
    agent.send({ kept_since: since }, event('/a'))
    agent.endStreams()
    const frames = framesOf(await response)
    const read = async () => codec.decode((await frames.next()).value!.content)
    assert.equal((await read()).kept_since, '2026-01-31T12:00:00Z')
    assert.deepEqual(await read(), event('/a'))
    assert.ok((await frames.next()).done)
    for (const wrong of ['x', '2026-01-31', `${since}%0a`]) {
      assert.equal((await ask(`?since=${wrong}`)).status, 400, wrong)
    }
  })

  it('asks the agent for times that its API has', async () => {
    const browser = await open()
    for (const [given, sent] of [
      ['0000-01-01T00:00:00Z', '1970-01-01T00:00:00Z'],
      [`2026-01-31T12:00:00.${'0'.repeat(40)}Z`, '2026-01-31T12:00:00Z'],
    ]) {
      const url = `${origin}/api/past?since=${given}`
      const response = fetch(url, { headers: headersOf(browser) })
      await agent.streams(1)
      const request = agent.requestsOf('GetEvents').at(-1) as GetEventsRequest
      assert.equal(Date.parse(request.since ?? ''), Date.parse(sent), given)
      agent.endStreams()
      await (await response).arrayBuffer()
      await agent.streams(0)
    }
  })

  it('says why there is no past, or not all of it', async () => {
    const browser = await open()
    const reasonAfter = async (act: () => void): Promise<string> => {
      const response = fetch(`${origin}/api/past`, { headers: headersOf(browser) })
      await agent.streams(1)
      act()
      let last = ''
      for await (const { content } of framesOf(await response)) last = content.toString()
      await agent.streams(0)
      return JSON.parse(last).reason
    }
    // An agent that does not know the request sends live events.
    const older = await reasonAfter(() => agent.send(event('/live')))
    assert.equal(older, 'the agent does not serve events of the past')
    const broken = await reasonAfter(() => {
      agent.send({ kept_since: '2026-01-31T12:00:00Z' })
      agent.endStreams({ code: 14, details: 'it restarts' })
    })
    assert.match(broken, /it restarts/)
  })

  it('says that an agent of the original is there, before its first event', async () => {
    agent.sendsHeaders = false
    const browser = await open()
    const response = await fetch(`${origin}/api/events`, { headers: headersOf(browser) })
    const frames = framesOf(response)
    const { value } = await frames.next()
    assert.deepEqual(JSON.parse(value?.content.toString() ?? ''), { isConnected: true })
    await frames.return(undefined)
  })

  it('leaves room for others when a client that has asked for many is gone', async () => {
    const browser = await open()
    const lines = Object.entries({ host: new URL(origin).host, ...headersOf(browser) })
    const head = lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')
    for (let round = 0; round < 2; round++) {
      // One is answered, the others wait for its end.
      await send(`GET /api/events HTTP/1.1\r\n${head}\r\n\r\n`.repeat(16))
    }
    await agent.streams(0)
    const response = await fetch(`${origin}/api/events`, { headers: headersOf(browser) })
    assert.equal(response.status, 200)
    await response.body?.cancel()
  })
})

/** Sends a request with these headers exactly. @returns the answer until its headers end */
function raw(
  method: string,
  path: string,
  headers: Record<string, string>,
  body = '',
): Promise<string> {
  const all = { host: new URL(origin).host, ...headers, 'content-length': `${body.length}` }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return send(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
}

/** Sends bytes, and ends the connection. @returns what arrives first */
function send(text: string): Promise<string> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1')
  return new Promise((resolve, reject) => {
    socket.once('data', (bytes) => {
      resolve(bytes.toString('latin1'))
      socket.destroy()
    })
    socket.once('end', () => resolve(''))
    socket.once('close', () => resolve(''))
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve('')
      else reject(error)
    })
    socket.end(text, 'latin1')
  })
}
