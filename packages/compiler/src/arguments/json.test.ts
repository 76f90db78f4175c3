import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addressMember, numberMember, textMember } from './json.ts'
import type { JsonWriter } from './json-writer.ts'

/** What a fragment writes. */
function written(write: (out: JsonWriter) => void): string {
  const chunks: Buffer[] = []
  const add = (text: string): void => void chunks.push(Buffer.from(text, 'latin1'))
  write({
    byte: (value) => add(String.fromCharCode(value)),
    decimal: (value) => add(`${value}`),
    append: (bytes) => void chunks.push(Buffer.from(bytes)),
    latin1: add,
    base64: (bytes) => add(Buffer.from(bytes).toString('base64')),
    jsonText: (source, from, to) => add(Buffer.from(source.subarray(from, to)).toString('latin1')),
  })
  return Buffer.concat(chunks).toString()
}

describe('JSON fragments of arguments', () => {
  it('has a member of a text, but none of an empty one', () => {
    const member = textMember('family')
    for (const _ of ['first', 'again']) {
      assert.equal(
        written((out) => member(out, 'AF_"ü"')),
        ',"family":"AF_\\"ü\\""',
      )
    }
    assert.equal(
      written((out) => member(out, '')),
      '',
    )
    assert.equal(
      written((out) => textMember('family', true)(out, 'AF_INET')),
      '"family":"AF_INET"',
    )
  })

  it('writes any number of different texts', () => {
    const member = textMember('protocol')
    for (let i = 0; i < 3000; i++) {
      const json = written((out) => member(out, `${i}`))
      assert.equal(json, `,"protocol":"${i}"`)
    }
  })

  it('has a member of a number, but none of 0', () => {
    const member = numberMember('port')
    assert.equal(
      written((out) => member(out, 443)),
      ',"port":443',
    )
    assert.equal(
      written((out) => member(out, 0)),
      '',
    )
  })

  it('has addresses of both families', () => {
    const member = addressMember('addr')
    const [AF_INET, AF_INET6] = [2, 10]
    assert.equal(
      written((out) => member(out, AF_INET, 0xfe0200c0, 0, 0, 0)),
      ',"addr":"192.0.2.254"',
    )
    assert.equal(
      written((out) => member(out, AF_INET, 0xffffffff, 0, 0, 0)),
      ',"addr":"255.255.255.255"',
    )
    assert.equal(
      written((out) => member(out, AF_INET6, 0xb80d0120, 0, 0, 0x01000000)),
      ',"addr":"2001:db8::1"',
    )
  })
})
