import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import { MergedEvents } from './merged-events.ts'

const codec = codecOf(GetEventsResponse)

function chunk(second: number): Buffer {
  const time = `2026-01-01T00:00:0${second}.000000001Z`
  return Buffer.from(codec.encode({ test: {}, node_name: `n${second}`, time }))
}

const ignore = () => {}
const seconds = (chunks: readonly Buffer[]) =>
  chunks.map((each) => Number(codec.decode(each).node_name?.slice(1)))

describe('the stream of merged events', () => {
  it('lets its sources wait while nothing reads it', { timeout: 10_000 }, async () => {
    const merged = new MergedEvents({ windowMs: 60_000, events: 3, bytes: 1 << 20 }, ignore)
    let added = 0
    const source = (async () => {
      for (const second of [5, 4, 3, 2, 1]) {
        await merged.add(chunk(second), `n${second}`)
        added++
      }
    })()
    for (let i = 0; i < 100; i++) await turn()
    assert.deepEqual([added, merged.waiting], [2, 3])
    const read: Buffer[] = []
    for await (const each of merged) {
      read.push(each)
      // The window has not passed: the limit makes room.
      if (added === 5) merged.finish()
    }
    await source
    assert.deepEqual(seconds(read), [3, 2, 1, 4, 5])
    assert.equal(merged.late, 2)
  })

  it('releases its sources when it is destroyed', { timeout: 10_000 }, async () => {
    const merged = new MergedEvents({ windowMs: 60_000, events: 1, bytes: 1 << 20 }, ignore)
    const blocked = merged.add(chunk(1), 'n1')
    merged.destroy()
    await blocked
  })

  it('does nothing once it is destroyed', { timeout: 10_000 }, async () => {
    const merged = new MergedEvents({ windowMs: 20, events: 10, bytes: 1 << 20 }, ignore)
    merged.read()
    await merged.add(chunk(1), 'n1')
    merged.destroy()
    await merged.add(chunk(2), 'n2')
    merged.finish()
    assert.equal(merged.waiting, 1)
    assert.deepEqual(
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout'),
      [],
    )
  })

  it('passes events on after the window', { timeout: 10_000 }, async () => {
    const merged = new MergedEvents({ windowMs: 20, events: 10, bytes: 1 << 20 }, ignore)
    await merged.add(chunk(2), 'n2')
    await merged.add(chunk(1), 'n1')
    const read: Buffer[] = []
    for await (const each of merged) {
      read.push(each)
      if (read.length === 2) merged.finish()
    }
    assert.deepEqual(seconds(read), [1, 2])
  })
})
