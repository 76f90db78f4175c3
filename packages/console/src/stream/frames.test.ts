import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type FrameKind, FrameReader, frame, stateFrame } from './frames.ts'

type Frame = readonly [FrameKind, readonly number[]]

/** Reads chunks. @returns the frames in them */
function framesIn(chunks: readonly Uint8Array[]): Frame[] {
  const frames: Frame[] = []
  const reader = new FrameReader((kind, content) => frames.push([kind, [...content]]))
  for (const chunk of chunks) reader.push(chunk)
  return frames
}

const anyFrame = fc.tuple(
  fc.constantFrom<FrameKind>('event', 'state'),
  fc.array(fc.nat(255), { maxLength: 40 }),
)

test('frames are found however the stream is cut', () => {
  const cuts = fc.array(fc.nat(12), { maxLength: 30 })
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 8 }), cuts, (frames, lengths) => {
      const bytes = frames.flatMap(([kind, content]) => [...frame(kind, Uint8Array.from(content))])
      const chunks: Uint8Array[] = []
      let at = 0
      for (const length of lengths) {
        chunks.push(Uint8Array.from(bytes.slice(at, at + length)))
        at += length
      }
      chunks.push(Uint8Array.from(bytes.slice(at)))
      assert.deepEqual(framesIn(chunks), frames)
    }),
  )
})

test('a state is JSON', () => {
  const [[kind, content]] = framesIn([stateFrame({ isConnected: false, reason: 'gone' })])
  assert.equal(kind, 'state')
  const text = Buffer.from(content).toString()
  assert.deepEqual(JSON.parse(text), { isConnected: false, reason: 'gone' })
})

test('another stream is refused', () => {
  assert.throws(() => framesIn([Buffer.from('HTTP/1.1 200 OK')]), RangeError)
  assert.throws(() => framesIn([Uint8Array.of(9, 0, 0, 0, 0)]), RangeError)
})
