import assert from 'node:assert/strict'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { pump } from './pump.ts'

const copy = { push: (chunk: Buffer) => chunk, end: () => '' }

/** Input without end. */
async function* endless(): AsyncGenerator<Buffer> {
  for (;;) {
    yield Buffer.alloc(1 << 16)
    await turn()
  }
}

test('ends when the connection of the output is closed, whatever it waits for', async () => {
  const ends: Promise<string>[] = []
  const server = createServer((_, response) => {
    ends.push(pump(Readable.from(endless()), response, copy))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  for (let i = 0; i < 20; i++) {
    await new Promise<void>((resolve) => {
      const request = get({ port, host: '127.0.0.1' }, (response) => {
        // Some are closed while the output waits for room, others between two writes.
        if (i % 2 === 0) response.once('data', () => request.destroy())
        else setTimeout(() => request.destroy(), i)
      })
      request.once('close', resolve)
    })
  }
  assert.deepEqual([...new Set(await Promise.all(ends))], ['output_closed'])
  server.close()
})

test('ends at once if the output is closed already', async () => {
  const closed = new PassThrough()
  closed.destroy()
  assert.equal(await pump(Readable.from(endless()), closed, copy), 'output_closed')
})
