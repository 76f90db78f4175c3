import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { TestClient } from '../../../testing/test-client.ts'
import { TestServer } from '../testing/test-server.ts'

const since = '2026-01-31T12:00:00Z'
const line = (pid: number, text = '') =>
  `${JSON.stringify({ process_exec: { process: { pid, arguments: text } }, time: since })}\n`

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !condition(); await sleep(5)) {
    assert.ok(Date.now() < end, 'in time')
  }
}

describe('streams with events of the past', () => {
  let test: TestServer
  let path: string
  beforeEach(async () => {
    test = await TestServer.start()
    path = join(test.folder, 'events.json')
    test.host.past = { path, flushed: async () => {} }
  })
  afterEach(() => test.stop())

  it('are not delayed by clients that do not read', async () => {
    const text = 'x'.repeat(2 ** 17)
    writeFileSync(path, Array.from({ length: 100 }, (_, i) => line(i + 1, text)).join(''))
    const ends: (() => void)[] = []
    for (let i = 0; i < 6; i++) {
      const client = new TestClient(`unix:${test.path}`)
      const { stream } = await client.events({ since })
      stream.pause()
      // Node.js 24 keeps the connection of a stream that is not read.
      ends.push(
        () => stream.cancel(),
        () => client.close(),
      )
    }
    // Their queues are full: each waits for its client.
    await until(() => test.server.statistics().waiting >= 6 * 25)
    const quick = await test.client.events({ since, past_only: true })
    assert.equal(await quick.ended, undefined)
    assert.deepEqual(
      quick.events.flatMap(({ process_exec }) => process_exec?.process?.pid ?? []),
      Array.from({ length: 100 }, (_, i) => i + 1),
    )
    for (const end of ends) end()
  })

  it('resume the source of live events that waited for the end of the past', async () => {
    writeFileSync(path, line(1))
    const { events } = test.host
    let resumed = -1
    const flushed = async () => {
      if (!events.isOpen) return
      // The headers and the first message are on their way.
      await sleep(50)
      const process = { pid: 2, arguments: 'x'.repeat(2 ** 20) }
      while (!events.isPaused) events.emit({ process_exec: { process }, time: since })
      ;({ resumed } = events)
    }
    test.host.past = { path, flushed }
    // Nothing is sent, so the connection never reports that it has room again.
    const request = { since, allow_list: [{ binary_regex: ['^/none$'] }] }
    const { stream } = await test.client.events(request)
    await until(() => resumed >= 0 && events.resumed > resumed)
    assert.equal(events.isPaused, false)
    stream.cancel()
  })
})
