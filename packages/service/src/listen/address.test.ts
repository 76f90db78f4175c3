import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { BadValue } from '../options/bad-value.ts'
import { grpcAddress, isLocal, parseAddress as parse } from './address.ts'

describe('addresses', () => {
  for (const [text, grpc, local] of [
    ['unix:///run/x.sock', 'unix:/run/x.sock', true],
    ['unix:/run/x.sock', 'unix:/run/x.sock', true],
    ['localhost', 'localhost:54321', true],
    ['localhost:1', 'localhost:1', true],
    ['127.0.0.9:1', '127.0.0.9:1', true],
    ['[::1]:7', '[::1]:7', true],
    ['0.0.0.0:7', '0.0.0.0:7', false],
    [':7', '[::]:7', false],
    ['[::]:7', '[::]:7', false],
    ['node.example', 'node.example:54321', false],
    ['127.example:7', '127.example:7', false],
  ] as const) {
    it(`${text} is ${grpc}${local ? ' and local' : ''}`, () => {
      assert.equal(grpcAddress(parse(text)), grpc)
      assert.equal(isLocal(parse(text)), local)
    })
  }

  for (const text of ['unix://x', 'unix:', 'a:b', '::1', '::1:5', 'a:70000', '[x]:1', 'a:1:2']) {
    it(`${text} is none`, () => {
      assert.throws(() => parse(text), BadValue)
    })
  }

  it('of any text are read or refused', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webAuthority()), (text) => {
        try {
          grpcAddress(parse(text))
        } catch (error) {
          if (!(error instanceof BadValue)) throw error
        }
      }),
    )
  })
})
