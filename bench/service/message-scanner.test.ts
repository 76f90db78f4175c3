import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { MessageScanner } from './message-scanner.ts'

it('finds the messages however the stream is cut', () => {
  const texts = fc.array(fc.string({ maxLength: 40 }))
  fc.assert(
    fc.property(texts, fc.integer({ min: 1, max: 20 }), (messages, size) => {
      const framed = Buffer.concat(
        messages.map((text) => {
          const frame = Buffer.concat([Buffer.alloc(5), Buffer.from(text)])
          frame.writeUInt32BE(frame.length - 5, 1)
          return frame
        }),
      )
      const found: string[] = []
      const scanner = new MessageScanner((data, from, to) =>
        found.push(data.toString('utf8', from, to)),
      )
      for (let at = 0; at < framed.length; at += size) scanner.add(framed.subarray(at, at + size))
      assert.deepEqual(found, messages)
    }),
  )
})
