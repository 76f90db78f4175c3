import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { EventStreams } from './event-streams.ts'

/** Maximum number of streams. */
const max = 16

let server: Server
let address: string
const end = new AbortController()
/** Why streams end at the next check. */
let reason: string | undefined
/** Whether the source writes more than a page reads. */
let isFlooding = false
beforeEach(async () => {
  reason = undefined
  isFlooding = false
  const streams = new EventStreams(
    {
      agents: undefined,
      send: async (page, signal) => {
        while (isFlooding && page.write(Buffer.alloc(1 << 16)));
        if (isFlooding) await once(page, 'close')
        else if (!signal.aborted) await once(signal, 'abort')
      },
    },
    end.signal,
    { recheck: 20, lastRead: 20 },
  )
  const access = { kind: 'granted', mayChange: true, whyEnd: async () => reason } as const
  server = createServer((request, response) => streams.answer(access, request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

describe('the streams of a console', () => {
  it('are limited in number; one that ends leaves room for another one', async () => {
    const open = await Promise.all(Array.from({ length: max }, () => fetch(address)))
    assert.deepEqual([...new Set(open.map(({ status }) => status))], [200])
    const refused = await fetch(address)
    assert.equal(refused.status, 503)
    assert.equal(await refused.text(), 'close another page: 16 pages are open\n')
    await open[0].body?.cancel()
    let next = await fetch(address)
    // The server learns about the end a moment later.
    while (next.status === 503) next = await fetch(address)
    assert.equal(next.status, 200)
    assert.equal((await fetch(address)).status, 503)
  })

  it('end without access, though the page does not read', async () => {
    isFlooding = true
    const { port } = server.address() as AddressInfo
    const page = connect(port, '127.0.0.1').pause()
    page.on('error', () => {}).write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    const [socket] = (await once(server, 'connection')) as [Socket]
    reason = 'the token is revoked'
    await once(socket, 'close')
    page.destroy()
  })
})
