import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ByteWriter } from './byte-writer.ts'

const text = (out: ByteWriter) => out.bytes.toString('utf8', 0, out.length)

function jsonText(source: Uint8Array, from = 0, to = source.length): string {
  const out = new ByteWriter()
  out.byte(0x22)
  out.jsonText(source, from, to)
  out.byte(0x22)
  return text(out)
}

describe('jsonText', () => {
  it('writes what JSON.stringify writes', () => {
    const anyText = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(anyText, (value) => {
        assert.equal(jsonText(Buffer.from(value)), JSON.stringify(value))
      }),
    )
  })

  it('writes every single character as JSON.stringify does', () => {
    for (let code = 0; code <= 0x10ffff; code += code < 0x900 ? 1 : 61) {
      if (code >= 0xd800 && code <= 0xdfff) continue
      const character = String.fromCodePoint(code)
      assert.equal(jsonText(Buffer.from(character)), JSON.stringify(character))
    }
  })

  it('writes valid JSON in UTF-8 for any bytes', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (source) => {
        const out = new ByteWriter()
        out.byte(0x22)
        out.jsonText(source, 0, source.length)
        out.byte(0x22)
        const value: unknown = JSON.parse(decoder.decode(out.bytes.subarray(0, out.length)))
        // If the bytes are UTF-8, the text is theirs.
        const plain = Buffer.from(source).toString()
        if (!plain.includes('\ufffd')) assert.equal(value, plain)
        else assert.match(String(value), /\ufffd/)
      }),
      { numRuns: 2000 },
    )
  })

  it('replaces each byte that belongs to no character', () => {
    const cases: [number[], string][] = [
      [[0xff], '\ufffd'],
      [[0xc0, 0x80], '\ufffd\ufffd'], // overlong
      [[0xe0, 0x9f, 0xbf], '\ufffd\ufffd\ufffd'], // overlong
      [[0xf0, 0x8f, 0xbf, 0xbf], '\ufffd\ufffd\ufffd\ufffd'], // overlong
      [[0xed, 0xa0, 0x80], '\ufffd\ufffd\ufffd'], // a surrogate
      [[0xf4, 0x90, 0x80, 0x80], '\ufffd\ufffd\ufffd\ufffd'], // above U+10FFFF
      [[0xe2, 0x82], '\ufffd\ufffd'], // cut off
      [[0xe2, 0x82, 0x41], '\ufffd\ufffdA'],
      [[0xe2, 0x82, 0xac], '€'],
    ]
    for (const [source, expected] of cases) {
      assert.equal(JSON.parse(jsonText(Uint8Array.from(source))), expected)
    }
  })

  it('reads nothing outside of its range', () => {
    const source = Buffer.from('x€y')
    assert.equal(jsonText(source, 1, 3), '"\ufffd\ufffd"')
    assert.equal(jsonText(source, 1, 4), '"€"')
    assert.equal(jsonText(source, 2, 2), '""')
  })
})

describe('numbers', () => {
  it('are written in decimal', () => {
    const whole = fc.oneof(
      fc.nat(),
      fc.maxSafeNat(),
      fc.constantFrom(9, 10, 99, 100, 1e15, 2 ** 53 - 1),
    )
    fc.assert(
      fc.property(whole, (value) => {
        const out = new ByteWriter()
        out.decimal(value)
        assert.equal(text(out), String(value))
      }),
    )
  })

  it('are padded to their digits', () => {
    fc.assert(
      fc.property(fc.nat(999_999_999), (value) => {
        const out = new ByteWriter()
        out.digits(value, 9)
        assert.equal(text(out), String(value).padStart(9, '0'))
      }),
    )
  })
})

describe('the buffer', () => {
  it('grows and keeps what it holds', () => {
    const out = new ByteWriter()
    let expected = ''
    for (let i = 0; i < 200; i++) {
      const part = `${i}:`.padEnd(i % 2 ? 20_000 : 7, String(i % 10))
      out.latin1(part)
      expected += part
    }
    assert.ok(text(out) === expected)
    out.clear()
    assert.equal(out.length, 0)
  })

  it('returns latin1 text unchanged', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (source) => {
        const out = new ByteWriter()
        out.latin1('before')
        const from = out.length
        const value = Buffer.from(source).toString('latin1')
        out.latin1(value)
        assert.equal(out.latin1Since(from), value)
      }),
    )
  })

  it('writes the largest expansion at the very end', () => {
    const out = new ByteWriter()
    out.length = out.bytes.length - 1
    out.jsonText(new Uint8Array(1000), 0, 1000)
    assert.equal(out.bytes.toString('latin1', out.length - 6, out.length), '\\u0000')
  })
})
