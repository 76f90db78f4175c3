import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { eventClass } from '@tetragon-ts/outputs/queue'
import { LineBuffer } from '../json/event-lines.ts'
import { classOfFrame, frameEnd, framePrefix } from './framing.ts'
import { OutputTap } from './output-tap.ts'
import { makeRingMemory, SharedRing } from './shared-ring.ts'

const { hook, process, enforcement } = eventClass

/** Lines of these classes. */
function linesOf(...lines: readonly (readonly [of: 0 | 1 | 2, text: string])[]): LineBuffer {
  const buffer = new LineBuffer()
  for (const [of, text] of lines) {
    buffer.latin1(`${text}\n`)
    buffer.endLine(of)
  }
  return buffer
}

describe('lines for outputs', () => {
  const memory = makeRingMemory(1 << 16)
  const ring = new SharedRing(memory)
  const { port1, port2 } = new MessageChannel()
  const tap = new OutputTap({ ring: memory, port: port1 })

  /** What the other thread reads. */
  function read(): [number, string][] {
    const lines: [number, string][] = []
    for (let chunk = ring.read(1 << 16); chunk !== undefined; chunk = ring.read(1 << 16)) {
      for (let at = 0, end = 0; at < chunk.length; at = end) {
        end = frameEnd(chunk, at)
        lines.push([classOfFrame(chunk, at), chunk.toString('latin1', at + framePrefix, end)])
      }
    }
    return lines
  }

  it('arrive in order with their classes, and wake the thread only if it sleeps', () => {
    tap.write(linesOf([hook, 'a'], [hook, 'bb'], [process, ''], [enforcement, 'x'.repeat(9000)]))
    assert.equal(receiveMessageOnPort(port2), undefined)
    assert.deepEqual(read(), [
      [hook, 'a'],
      [hook, 'bb'],
      [process, ''],
      [enforcement, 'x'.repeat(9000)],
    ])
    assert.equal(ring.sleep(), true)
    tap.write(linesOf([process, 'c']))
    assert.deepEqual(receiveMessageOnPort(port2), { message: 0 })
    tap.write(linesOf([process, 'd']))
    assert.equal(receiveMessageOnPort(port2), undefined)
    assert.equal(read().length, 2)
  })

  it('that do not fit are counted by class, and leave room for the others', () => {
    for (let i = 0; i < 100; i++) tap.write(linesOf([hook, 'h'.repeat(1000)]))
    tap.write(linesOf([process, 'p'], [enforcement, 'e']))
    const lines = read()
    assert.deepEqual(lines.slice(-2), [
      [process, 'p'],
      [enforcement, 'e'],
    ])
    assert.deepEqual(ring.takeLost(), [102 - lines.length, 0, 0])
    port1.close()
  })
})
