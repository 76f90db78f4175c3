import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { relativeCost } from '@tetragon-ts/api/testing'
import { compileGroups, compileRegExp, RegExpError } from './regexp.ts'

const detector =
  '(?i)[\\w.-]{0,50}?(?:access|auth|credential|creds|key|passw(?:or)?d|secret|token)' +
  '(?:[ \\t\\w.-]{0,20})[\\s\'"]{0,3}(?:=|>|:{1,3}=|\\|\\||:|=>|\\?=|,)[\'"\\s=]{0,5}' +
  '([\\w.=-]{10,150}|[a-z0-9][a-z0-9+/]{11,}={0,3})(?:[\'"\\s;]|\\\\[nr]|$)'

describe('the size of a pattern', () => {
  for (const pattern of [
    '(?i)(?:secret|token)[=: ]+(\\S{1,64})',
    '(gh[pousr]_[A-Za-z0-9_]{36,255})',
    '(eyJ[\\w-]{10,}\\.[\\w-]{10,}\\.[\\w-]{10,})',
    '-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY-----([\\s\\S]{64,}?)KEY-----',
    '(.{1,1000})',
    detector,
    // Long, but without repetitions.
    `(${Array.from({ length: 5000 }, (_, i) => `/usr/bin/${i.toString(36)}`).join('|')})`,
    `${'('.repeat(900)}x${')'.repeat(900)}`,
  ]) {
    it(`is allowed: ${pattern.slice(0, 60)}`, async () => {
      compileGroups(pattern)
    })
  }

  for (const [pattern, position] of [
    ['((a{1,30}){1,33}([bc]{1,900}))', 10],
    ['key=((?:x[ab]{0,30}){0,33}y[cd]{0,400})', 20],
    ['(\\{1,9}[{9}]a{1,1000}\\Q{1,1000}\\Eb{3,999}c{1000}d)', 13],
    ['(a.{0,900}b.{0,900})', 3],
    ['(x{1000,}y{1000}z{1000})', 2],
    // Would take seconds to compile.
    [`(${'\\pL{1,1000}'.repeat(600)})`, 4],
  ] as const) {
    it(`is limited, and the error names the repetition: ${pattern.slice(0, 60)}`, async () => {
      const cost = await relativeCost(() => {
        assert.throws(
          () => compileRegExp(pattern),
          (error) => {
            assert.ok(error instanceof RegExpError)
            assert.equal(error.position, position)
            assert.match(error.message, /more than \d+ instructions: \{\d+,?\d*\} repeats too much/)
            return true
          },
        )
      })
      assert.ok(cost < 100, `${cost}`)
    })
  }
})
