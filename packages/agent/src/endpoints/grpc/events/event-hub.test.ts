import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ClassCounts, sumOf } from '@tetragon-ts/outputs/queue'
import { framed } from '../../../reader/outputs/framing.ts'
import { EventHub, type EventTaker } from './event-hub.ts'

function makeHub(onFailure: (error: unknown) => void = (error) => assert.fail(String(error))) {
  const calls: string[] = []
  const source = {
    open: () => ({
      begun: Promise.resolve(),
      resume: () => void calls.push('resume'),
      close: () => void calls.push('close'),
    }),
  }
  return { hub: new EventHub(source, onFailure), calls }
}

function taker(isBehind?: boolean): EventTaker & { isBehind: boolean | undefined } {
  return { offer: () => {}, addLost: () => {}, close: () => {}, isBehind }
}

describe('the hub of events', () => {
  it('is full while all of its clients are slow', () => {
    const { hub } = makeHub()
    const slow = taker(true)
    const quick = taker(false)
    hub.add(slow)
    assert.equal(hub.isFull, true)
    const { close } = hub.add(quick)
    assert.equal(hub.isFull, false)
    quick.isBehind = true
    assert.equal(hub.isFull, true)
    quick.isBehind = undefined
    assert.equal(hub.isFull, false)
    close()
    assert.equal(hub.isFull, true)
  })

  it('requests events when clients connect, leave and catch up, and not without clients', () => {
    const { hub, calls } = makeHub()
    const one = hub.add(taker(true))
    const two = hub.add(taker())
    two.close()
    one.resume()
    assert.deepEqual(calls.splice(0), ['resume', 'resume', 'resume', 'resume'])
    one.close()
    assert.deepEqual(calls, ['close'])
  })

  it('isolates the failure of one client', () => {
    const failures: unknown[] = []
    const { hub } = makeHub((error) => failures.push(error))
    let [offered, lost] = [0, 0]
    const failing = {
      ...taker(),
      offer: () => {
        throw new Error('no such field')
      },
      addLost: (counts: ClassCounts) => {
        lost += sumOf(counts)
      },
    }
    hub.add(failing)
    hub.add({ ...taker(), offer: () => void offered++ })
    const frame = framed(Buffer.from([]))
    hub.messages(Buffer.concat([frame, frame]))
    assert.deepEqual([offered, lost, failures.length], [2, 2, 2])
  })
})
