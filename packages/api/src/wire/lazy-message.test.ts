import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { message, string } from '../message.ts'
import { Process } from '../messages/process.ts'
import { arbitraryMessage } from '../testing/index.ts'
import { codecOf } from './codec.ts'
import { lazyMessageOf } from './lazy-message.ts'

const codec = codecOf(Process)
const lazy = lazyMessageOf(Process)
const names = Object.keys(Process.fields) as (keyof Process)[]

describe('a lazily decoded message', () => {
  it('has the fields that the codec decodes, in any order of reading', () => {
    const shuffled = fc.shuffledSubarray(names, { minLength: names.length })
    fc.assert(
      fc.property(arbitraryMessage(Process), shuffled, (value, order) => {
        const bytes = codec.encode(value)
        const whole = codec.decode(bytes)
        const one = lazy(bytes)
        for (const name of [...order, ...order]) assert.deepEqual(one[name], whole[name])
      }),
    )
  })

  it('equals the codec for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        let whole: Process
        try {
          whole = codec.decode(bytes)
        } catch {
          // Other fields may be valid; this must only end.
          for (const name of names) assert.doesNotThrow(() => tryRead(bytes, name))
          return
        }
        const one = lazy(bytes)
        for (const name of names) assert.deepEqual(one[name], whole[name])
      }),
    )
  })

  it('decodes only what is read', () => {
    const bytes = codec.encode({ exec_id: 'id', binary: 'text' })
    bytes[bytes.length - 1] = 0xff
    const one = lazy(bytes)
    assert.equal(one.exec_id, 'id')
    assert.throws(() => one.binary, { name: 'ProtobufError' })
    assert.throws(() => one.binary, { name: 'ProtobufError' })
  })

  it('is not made of messages with exclusive fields', () => {
    const either = message('Either', { a: string(1), b: string(2) }, { oneofs: { of: ['a', 'b'] } })
    assert.throws(() => lazyMessageOf(either), /Either/)
  })
})

function tryRead(bytes: Uint8Array, name: keyof Process): void {
  try {
    void lazy(bytes)[name]
  } catch (error) {
    if ((error as Error).name !== 'ProtobufError') throw error
  }
}
