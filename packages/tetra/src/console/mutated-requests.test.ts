import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import * as fc from 'fast-check'
import { LocalAgent } from '../connection/local-agent.ts'
import { TestAgent } from '../testing/test-agent.ts'
import { keyHeader } from './access.ts'
import { AgentEvents } from './agent-events.ts'
import { changingCalls } from './calls.ts'
import { ConsoleServer } from './console-server.ts'
import { pageOf } from './page-files.ts'
import { oneBrowser } from './token-access.ts'

const requestCount = 3000
/** Requests under way. */
const parallel = 32
/** Milliseconds. */
const patienceMs = 100
/** What no answer without cookie and key may have. */
const [pageText, answerText] = ['the text of the page', 'the answer of the agent']

const folder = mkdtempSync(join(tmpdir(), 'tetra-console-'))
let agent: TestAgent
let agents: LocalAgent
let server: ConsoleServer
/** Secrets of the console, and where it is. */
let known: { token: string; cookie: string; key: string; host: string }
before(async () => {
  agent = await TestAgent.start(join(folder, 'agent'))
  agent.answer('GetVersion', { version: answerText })
  agents = new LocalAgent({
    address: `unix:${agent.path}`,
    timeout: 20_000,
    retries: 0,
    maxReceive: 1 << 20,
    tls: undefined,
  })
  const page = pageOf({ '/': pageText, '/assets/main-1.js': pageText })
  server = new ConsoleServer({
    source: new AgentEvents(agents),
    page,
    allowsChanges: false,
    pastMs: 0,
  })
  const listen = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const
  const address = new URL(await server.listen(listen, undefined, oneBrowser))
  const response = await fetch(address)
  const [, key = ''] = /url=\/#key=([\w-]+)"/.exec(await response.text()) ?? []
  const [cookie] = response.headers.getSetCookie()[0].split(';')
  const token = address.searchParams.get('token') ?? ''
  known = { token, cookie, key, host: address.host }
})
after(async () => {
  await server.close()
  agents[Symbol.dispose]()
  await agent.stop()
  rmSync(folder, { recursive: true })
})

/** A request as text: lines of headers, and a body. */
interface Request {
  readonly method: string
  readonly path: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** Requests of a page, all of which are answered. */
function requestsOfPage(): Request[] {
  const { cookie, key, host } = known
  const headers = [
    ...([
      ['Host', host],
      ['Cookie', cookie],
      [keyHeader, key],
    ] as const),
    ...([
      ['Origin', `http://${host}`],
      ['Sec-Fetch-Site', 'same-origin'],
    ] as const),
  ]
  const get = (path: string): Request => ({ method: 'GET', path, headers, body: '' })
  const body = '{"domain":"x"}'
  const call = { method: 'POST', path: '/api/call/GetVersion', body }
  const length = ['Content-Length', `${body.length}`] as const
  return [
    ...['/', '/events', '/assets/main-1.js', '/api/settings', '/api/events'].map(get),
    get(`/?token=${known.token}`),
    { ...call, headers: [...headers, length] },
    { ...call, path: '/api/call/AddTracingPolicy', headers: [...headers, length] },
  ]
}

/** Texts that mean something to servers. */
function oddTexts(): string[] {
  const { token, cookie, key, host } = known
  return [
    ...['', '/', '//', '/../', '%2e%2e%2f', '%00', '?', '#', '*', ' ', '\0', '\r\n', '\r\n\r\n'],
    ...['http://', `http://${host}/`, 'http://attacker.example', `${host}@attacker.example`],
    ...['null', 'localhost', '[::1]', '-1', '1e9', '{}', '[', '__proto__', 'constructor', '\u0085'],
    ...[token, cookie, key, `token=${token}`, '/api/events', 'HTTP/1.0', 'chunked', 'websocket'],
    ...[
      'Transfer-Encoding: chunked',
      'Upgrade: websocket',
      'Expect: 100-continue',
      'x'.repeat(9000),
    ],
  ]
}

/** Requests of the page, with a few changes. */
function mutated(): fc.Arbitrary<string> {
  const odd = fc.oneof(fc.constantFrom(...oddTexts()), fc.string({ unit: 'binary', maxLength: 20 }))
  const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'TRACE', 'CONNECT', 'get')
  const part = fc.oneof(
    fc.record({ method }),
    fc.record({ path: odd }),
    fc.record({ path: odd.map((text) => `/api/${text}`) }),
    fc.record({ path: odd.map((text) => `/?token=${text}`) }),
    fc.record({ body: odd }),
  )
  const header = fc.record({ at: fc.nat(6), action: fc.nat(3), name: odd, value: odd })
  const bytes = fc.record({ at: fc.nat(600), length: fc.nat(20), text: odd })
  return fc
    .tuple(
      fc.constantFrom(...requestsOfPage()),
      fc.array(part, { maxLength: 2 }),
      fc.array(header, { maxLength: 2 }),
      fc.array(bytes, { maxLength: 2 }),
    )
    .map(([request, parts, headerChanges, splices]) => {
      let headers = [...request.headers]
      for (const { at, action, name, value } of headerChanges) {
        const [oldName, oldValue] = headers[at % headers.length] ?? ['Host', '']
        const changed = (
          [
            [],
            [[oldName, value]],
            [[name, oldValue]],
            [
              [oldName, oldValue],
              [oldName, value],
            ],
          ] as const
        )[action]
        headers = headers.toSpliced(at % Math.max(1, headers.length), 1, ...changed)
      }
      let text = textOf(Object.assign({}, request, ...parts, { headers }))
      for (const { at, length, text: more } of splices) {
        text = text.slice(0, at) + more + text.slice(at + length)
      }
      return text
    })
}

function textOf({ method, path, headers, body }: Request): string {
  const lines = headers.map((pair) => pair.join(': '))
  return [`${method} ${path} HTTP/1.1`, ...lines, '', body].join('\r\n')
}

/**
 * Sends bytes, and ends the connection: otherwise the server waits for the rest of an incomplete
 * request. It answers a call later, and not to a client that has ended the connection.
 * @param patienceMs for calls
 * @returns what arrives first
 */
function send(text: string, patienceMs: number): Promise<string> {
  const socket = connect(Number(known.host.split(':')[1]), '127.0.0.1')
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.destroy(), patienceMs)
    socket.once('data', (bytes) => {
      resolve(bytes.toString('latin1'))
      socket.destroy()
    })
    socket.once('close', () => {
      clearTimeout(timer)
      resolve('')
    })
    // The server may end a connection that makes no sense, before it was read.
    socket.on('error', () => {})
    socket.write(text, 'latin1')
    if (!text.startsWith('POST')) {
      clearTimeout(timer)
      socket.end()
    }
  })
}

/** Why a request should not have been answered like that; undefined: that is right. */
function faultOf(request: string, answer: string): string | undefined {
  const { cookie, key, host } = known
  // A pipelined request has an answer of its own.
  const isAnswered = /^HTTP\/1\.1 2\d\d /m.test(answer)
  if (!isAnswered) {
    return answer.includes(pageText) || answer.includes(answerText) ? 'has data' : undefined
  }
  if (!request.includes(cookie)) return 'needs no cookie'
  if (!request.toLowerCase().includes(host)) return 'needs no host'
  const isData = /answer of the agent|allowsChanges|octet-stream/.test(answer)
  return isData && !request.includes(key) ? 'needs no key' : undefined
}

describe('mutated requests', () => {
  it('get no data without the cookie and the key, and do no harm', async () => {
    for (const request of requestsOfPage().map(textOf)) {
      const status = request.includes('AddTracingPolicy') ? 403 : 200
      assert.match(await send(request, 20_000), new RegExp(`^HTTP/1.1 ${status} `), request)
    }
    const requests = fc.sample(mutated(), requestCount)
    let answered = 0
    const work = requests.values()
    const worker = async (): Promise<void> => {
      for (const request of work) {
        const answer = await send(request, patienceMs)
        if (answer.startsWith('HTTP/1.1 2')) answered++
        assert.equal(faultOf(request, answer), undefined, JSON.stringify({ request, answer }))
      }
    }
    await Promise.all(Array.from({ length: parallel }, worker))
    // Otherwise the changes are too large to find anything.
    assert.ok(answered > requestCount / 100, `${answered} answered`)
    assert.ok(answered < requestCount / 2, `${answered} answered`)
    for (const name of changingCalls) assert.deepEqual(agent.requestsOf(name), [])
    const { host, cookie } = known
    const response = await fetch(`http://${host}/`, { headers: { cookie } })
    assert.equal(await response.text(), pageText)
    await agent.streams(0)
  })
})
