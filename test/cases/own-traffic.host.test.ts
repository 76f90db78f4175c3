import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { RunningAgent, until } from '@tetragon-ts/agent/testing'
import { type EventCollector, TestClient } from '@tetragon-ts/agent/testing/client'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import { repositoryRoot } from '../vm/repository.ts'

// A policy that observes sends also observes those of the programs that receive its events. An
// agent and two consoles are started; their pages only receive.

const tetra = join(repositoryRoot, 'packages/tetra/bin/tetra.js')
const policy = join(repositoryRoot, 'policies/network/tcp-connections.yaml')
const boot_id = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
const codec = codecOf(GetEventsResponse)

const frameHeader = 5

function frameEnd(bytes: Buffer): number {
  return frameHeader + (bytes.length < frameHeader ? 0 : bytes.readUInt32BE(1))
}

type Events = readonly GetEventsResponse[]

/** Calls of tcp_sendmsg by a process. */
function sendsOf(pid: number, events: Events): Events {
  return events.filter(({ process_kprobe: hook }) => {
    return hook?.function_name === 'tcp_sendmsg' && hook.process?.pid === pid
  })
}

/** A `tetra console` and the events of its page. */
class Page {
  readonly child: ChildProcess
  readonly events: GetEventsResponse[] = []
  #isConnected = false
  readonly #end = new AbortController()

  constructor(address: string) {
    this.child = spawn(process.execPath, [tetra, 'console', '--server-address', address], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  }

  get pid(): number {
    return this.child.pid ?? 0
  }

  async open(): Promise<void> {
    const [line] = (await once(this.child.stdout!, 'data')) as [Buffer]
    const url = new URL(line.toString().trim())
    const opening = await fetch(url)
    const [cookie] = opening.headers.get('set-cookie')?.split(';') ?? []
    const [, key = ''] = /url=\/#key=([\w-]+)"/.exec(await opening.text()) ?? []
    const headers = { cookie, 'x-console-key': key, origin: url.origin }
    const { signal } = this.#end
    const { body } = await fetch(new URL('/api/events', url), { headers, signal })
    this.#read(body!).catch(() => {})
    await until('the page has an agent', () => this.#isConnected)
  }

  /** Frames: kind, length in four bytes, content; kind 0 is an event. */
  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let rest = Buffer.alloc(0)
    for await (const chunk of body) {
      rest = Buffer.concat([rest, chunk])
      for (let end = frameEnd(rest); end <= rest.length; end = frameEnd(rest)) {
        if (rest[0] === 0) this.events.push(codec.decode(rest.subarray(frameHeader, end)))
        else this.#isConnected = true
        rest = rest.subarray(end)
      }
    }
  }

  async close(): Promise<void> {
    this.#end.abort()
    this.child.kill()
    await once(this.child, 'exit')
  }
}

/** Connects and sends; ends when all receivers have the event of the send. */
async function send(...receivers: readonly { readonly events: Events }[]): Promise<void> {
  const before = receivers.map(({ events }) => events.length)
  const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.end('x')
  server.close()
  const isThis = ({ process_kprobe: hook }: GetEventsResponse) => {
    return hook?.args?.[0]?.sock_arg?.dport === port
  }
  for (const [i, { events }] of receivers.entries()) {
    // An earlier send may have had the port.
    const isThere = () => sendsOf(process.pid, events.slice(before[i])).some(isThis)
    await until('the event of the send', isThere)
  }
}

describe('with a policy that observes sends', () => {
  let agent: RunningAgent
  let client: TestClient
  let other: EventCollector
  const pages: Page[] = []
  before(async () => {
    agent = await RunningAgent.start('--tracing-policy', policy)
    const address = await agent.serving()
    client = new TestClient(address.replace('unix://', 'unix:'))
    other = await client.events()
    pages.push(new Page(address), new Page(address))
  })
  after(async () => {
    await Promise.all(pages.map((page) => page.close()))
    client?.close()
    await agent?.remove()
  })

  it('sends of a console are missing from its own page only', async () => {
    const [page] = pages
    await page.open()
    for (let i = 0; i < 20; i++) await send(page, other)
    assert.deepEqual(sendsOf(page.pid, page.events), [])
    await until('the sends of the console', () => sendsOf(page.pid, other.events).length > 0)
    const exported = readFileSync(agent.exportFile, 'utf8').trim().split('\n')
    const events = exported.map((line) => JSON.parse(line) as GetEventsResponse)
    assert.ok(sendsOf(page.pid, events).length > 0)
  })

  it('two consoles report each other a few times a second', async () => {
    const [page, second] = pages
    await second.open()
    const before = other.events.length
    const start = performance.now()
    for (let i = 0; i < 20; i++) await send(page, second, other)
    const tenths = (performance.now() - start) / 100
    await until('a send of the other', () => sendsOf(second.pid, page.events).length > 0)
    for (const { pid } of pages) {
      const { length } = sendsOf(pid, other.events.slice(before))
      // Output gathered for a tenth of a second is up to two sends; HTTP/2 adds acknowledgements.
      // A loop is thousands per second.
      assert.ok(length <= 5 * tenths + 20, `${length} sends in ${tenths} tenths of a second`)
    }
  })

  it('a client that names another process as the receiver hides it in its own stream only', async () => {
    const attacker = await client.events({ receiver: { pid: process.pid, boot_id } })
    await send(other)
    await send(other)
    const file = () => readFileSync(agent.exportFile, 'utf8').trim().split('\n')
    const exported = file().map((line) => JSON.parse(line) as GetEventsResponse)
    assert.ok(sendsOf(process.pid, exported).length >= 2)
    assert.deepEqual(sendsOf(process.pid, attacker.events), [])
    attacker.stream.cancel()
  })

  it('sends of a receiver to other programs are in the streams of other clients', async () => {
    const [page] = pages
    const attacker = await client.events({ receiver: { pid: process.pid, boot_id } })
    const before = sendsOf(process.pid, page.events).length
    await send(page, other)
    assert.ok(sendsOf(process.pid, page.events).length > before)
    attacker.stream.cancel()
  })
})
