import assert from 'node:assert/strict'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Readable, Writable } from 'node:stream'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { GatheredOutput } from './gathered-output.ts'
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

test('ends when the connection is closed while the input ends', async () => {
  const ends: Promise<string>[] = []
  const server = createServer(({ socket }, response) => {
    const input = new PassThrough()
    ends.push(pump(input, response, copy))
    input.end()
    socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => get({ port, host: '127.0.0.1' }).once('error', resolve))
  assert.deepEqual(await Promise.all(ends), ['output_closed'])
  server.close()
})

test('ends at once if the output is closed already', async () => {
  const closed = new PassThrough()
  closed.destroy()
  assert.equal(await pump(Readable.from(endless()), closed, copy), 'output_closed')
})

/** Counts the writes of a pump. */
class Writes extends Writable {
  count = 0
  size = 0

  override _write(data: Buffer, _: BufferEncoding, done: () => void): void {
    if (data.length > 0) this.count++
    this.size += data.length
    done()
  }
}

test('output that causes input comes to rest: many small chunks are few writes', async () => {
  const output = new Writes()
  const before = performance.now()
  // Each chunk that was read causes the next one, as events do that report their own output.
  async function* caused(): AsyncGenerator<Buffer> {
    for (let i = 0; i < 5000; i++) {
      yield Buffer.from('x')
      await turn()
    }
  }
  assert.equal(await pump(Readable.from(caused()), output, copy), 'input_ended')
  const intervals = (performance.now() - before) / 100
  assert.ok(output.count <= intervals + 2, `${output.count} writes in ${intervals} intervals`)
  assert.equal(output.size, 5000)
})

test('the first chunk after a pause is written without delay, large ones always', async (t) => {
  let now = 0
  t.mock.method(performance, 'now', () => now)
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const output = new Writes()
  const gathered = new GatheredOutput(output, new AbortController().signal)
  await gathered.add('first')
  assert.equal(output.count, 1)
  await gathered.add('soon after')
  assert.equal(output.count, 1)
  await gathered.add(Buffer.alloc(2 ** 16))
  assert.equal(output.count, 2)
  await gathered.add('last')
  assert.equal(output.count, 2)
  now += 100
  t.mock.timers.tick(100)
  assert.equal(output.count, 3)
  now += 100
  await gathered.add('first again')
  assert.equal(output.count, 4)
  assert.equal(output.size, 'firstsoon afterlastfirst again'.length + 2 ** 16)
})

test('what was read is written before an error of the input', async () => {
  const output = new PassThrough()
  async function* failing(): AsyncGenerator<Buffer> {
    yield Buffer.from('a')
    yield Buffer.from('b')
    throw new Error('lost')
  }
  await assert.rejects(pump(Readable.from(failing()), output, copy), /lost/)
  assert.equal(String(output.read()), 'ab')
})
