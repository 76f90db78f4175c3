import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { escapeUnprintable } from './escape.ts'
import { isPrintable } from './printable.ts'
import { maybeQuote, quote } from './quote.ts'

const letters: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** Reverses quote, following Go's strconv.Unquote. */
function unquote(text: string): string {
  const escapes = /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(["\\])|([abfnrtv]))/g
  return text.slice(1, -1).replace(escapes, (_all, x, u, long, itself, letter) => {
    if (itself !== undefined) return itself
    if (letter !== undefined) return letters[letter]
    return String.fromCodePoint(Number.parseInt(x ?? u ?? long, 16))
  })
}

// Arbitrary UTF-16, lone surrogates included.
const text = fc
  .string({ unit: 'binary' })
  .chain((s) =>
    fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => s + String.fromCharCode(...units)),
  )

test('quote writes what strconv.Quote writes', () => {
  const cases: [string, string][] = [
    ['', '""'],
    ['a b', '"a b"'],
    ['say "hi"\\', '"say \\"hi\\"\\\\"'],
    ['\x07\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"'],
    ['\0\x1b\x7f', '"\\x00\\x1b\\x7f"'],
    ['\x80\x9b\u00a0\u00ad', '"\\u0080\\u009b\\u00a0\\u00ad"'],
    ['\u202e\u2028\ufeff', '"\\u202e\\u2028\\ufeff"'],
    ['한글 é ☺ 🚀', '"한글 é ☺ 🚀"'],
    ['\u{e0001}\u{10ffff}', '"\\U000e0001\\U0010ffff"'],
    ['\ufffd', '"\ufffd"'],
    ['x\ud800y\udc00', '"x\\ud800y\\udc00"'],
  ]
  for (const [input, expected] of cases) assert.equal(quote(input), expected)
})

test('maybeQuote leaves printable text without blanks alone', () => {
  assert.equal(maybeQuote('/usr/bin/curl'), '/usr/bin/curl')
  assert.equal(maybeQuote('/usr/bin/"x"\\'), '/usr/bin/"x"\\')
  assert.equal(maybeQuote('/tmp/한글'), '/tmp/한글')
  assert.equal(maybeQuote('/tmp/a b'), '"/tmp/a b"')
  assert.equal(maybeQuote('/tmp/a\nb'), '"/tmp/a\\nb"')
})

test('what quote wrote reads back as the same text', () => {
  fc.assert(
    fc.property(text, (s) => {
      assert.equal(unquote(quote(s)), s)
    }),
    { numRuns: 2000 },
  )
})

test('escaped and quoted text is printable and escaping again changes nothing', () => {
  fc.assert(
    fc.property(text, (s) => {
      const escaped = escapeUnprintable(s)
      assert.ok(isPrintable(escaped))
      assert.ok(isPrintable(maybeQuote(s)))
      assert.equal(escapeUnprintable(escaped), escaped)
    }),
    { numRuns: 2000 },
  )
})
