import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
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
    mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
    isFlooding = true
    try {
      const closed = new Promise((resolve) => {
        server.once('connection', (socket) => socket.once('close', resolve))
      })
      const response = await fetch(address)
      reason = 'the token is revoked'
      mock.timers.tick(30_000)
      await Promise.resolve()
      mock.timers.tick(5000)
      await closed
      await assert.rejects(response.arrayBuffer())
    } finally {
      mock.timers.reset()
    }
  })
})
