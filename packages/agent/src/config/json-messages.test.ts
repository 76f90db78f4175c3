import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Filter } from '@tetragon-ts/api'
import { BadValue } from '@tetragon-ts/service/options'
import fc from 'fast-check'
import { readMessages } from './json-messages.ts'

it('messages are on one line, on several, or in a list', () => {
  const [one, two] = [{ pid: [1] }, { namespace: ['a\nb'] }]
  const [line, other] = [one, two].map((each) => JSON.stringify(each))
  const spread = JSON.stringify(one, undefined, 2)
  for (const text of [`${line}\n${other}`, `\n${spread}\n\n${other}\n`, `[${line}, ${other}]`]) {
    assert.deepEqual(readMessages(Filter, text), [one, two])
  }
  assert.deepEqual(readMessages(Filter, ' \n '), [])
})

it('errors have their position', () => {
  for (const [text, message] of [
    ['{"pid":[1]}\n{"pid":["x"]}', /Filter 2: pid\[0\]: expected an integer/],
    ['{"pids":[1]}', /Filter 1: unknown field pids; did you mean "pid"\?/],
    ['{"pid":[1]}\n{"pid":[1}', /Filter 2: .*JSON/],
    ['[1]', /Filter 1: expected an object/],
  ] as const) {
    assert.throws(() => readMessages(Filter, text), { name: 'BadValue', message })
  }
})

it('any text is read or refused', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      try {
        readMessages(Filter, text)
      } catch (error) {
        assert.ok(error instanceof BadValue)
      }
    }),
  )
})
