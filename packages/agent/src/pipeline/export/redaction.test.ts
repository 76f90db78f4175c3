import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { relativeCost } from '@tetragon-ts/api/testing'
import fc from 'fast-check'
import { Redaction } from './redaction.ts'

const redact = (text: string, ...patterns: string[]): string =>
  new Redaction([{ redact: patterns }]).redact(text, () => '/bin/x')

describe('redaction', () => {
  it('hides every group of every match, and nothing else', () => {
    assert.equal(redact('-p a -p b c', '-p (\\w)'), '-p ***** -p ***** c')
    assert.equal(redact('user:pass@host', '(\\w+):(\\w+)@'), '*****:*****@host')
    assert.equal(redact('abcd', '(a(b)c)d'), '*****d')
    assert.equal(redact('ax bx', '(a)x|(b)x'), '*****x *****x')
    assert.equal(redact('key=', 'key=(.*)'), 'key=*****')
    assert.equal(redact('nothing here', 'key=(.*)'), 'nothing here')
    assert.equal(redact('one two', '(one)', '(two)', '(\\*+) '), '***** *****')
    assert.equal(redact('ä🚀 --token 🚀🚀 ü', '--token (\\S+)'), 'ä🚀 --token ***** ü')
  })

  it('is for all binaries or for some', () => {
    const redaction = new Redaction([
      { redact: ['--password (\\S+)'], binary_regex: ['/mysql$', '/psql$'] },
      { redact: ['--token (\\S+)'] },
    ])
    const text = '--password a --token b'
    assert.equal(
      redaction.redact(text, () => '/usr/bin/psql'),
      '--password ***** --token *****',
    )
    assert.equal(
      redaction.redact(text, () => '/bin/sh'),
      '--password a --token *****',
    )
  })

  it('refuses patterns that would hide nothing', () => {
    assert.throws(() => new Redaction([{ redact: ['secret'] }]), /there is no group/)
    assert.throws(() => new Redaction([{ redact: ['(?:secret)'] }]), /there is no group/)
    assert.throws(() => new Redaction([{ redact: ['('] }]), /missing \)/)
  })

  it('hides as much as the same pattern of another engine', () => {
    const text = fc.string({ unit: fc.constantFrom('k', '=', 'v', ' ', 'ä', '"') })
    fc.assert(
      fc.property(text, (value) => {
        const expected = value.replace(/(k=)[^ ]+/g, '$1*****')
        assert.equal(redact(value, 'k=([^ ]+)'), expected)
      }),
    )
  })

  it('hides all of a text that is made to take long', () => {
    // Each match looks at the whole rest of the text for a `c`.
    assert.equal(redact('ab'.repeat(1 << 16), '(a)|(b.*c)'), '*****')
    assert.equal(redact('a'.repeat(1 << 19), '(a)'), '*****')
    // What takes long but is no match stays.
    const long = 'a'.repeat(1 << 17)
    assert.equal(redact(long, '((a+)+)$b', '(a|aa)+c', '(.*)*[0-9]'), long)
  })

  it('takes no time for long texts that somebody chose for a pattern', async () => {
    const heavy = '((?:key|pin)=[ab]{1,1000}[xy])'
    const long = `key=${'ab'.repeat(1 << 22)}`
    const redaction = new Redaction([{ redact: [heavy], binary_regex: ['/x$'] }])
    const redactLong = (binary: string) => redaction.redact(long, () => binary)
    const cost = await relativeCost(() => {
      assert.equal(redactLong('/x'), '*****')
      assert.equal(redactLong('/y'), long)
    })
    assert.ok(cost < 100, `${cost}`)
    // It is looked at as long as that is quick in any case.
    const shorter = `key=${'ab'.repeat(1 << 13)}`
    assert.equal(
      redaction.redact(`${shorter} `, () => '/x'),
      `${shorter} `,
    )
    const plain = `${'ab '.repeat(1 << 19)}--password `
    assert.equal(redact(`${plain}x`, '--password[= ](\\S+)'), '*****')
    assert.equal(redact(plain, '--password[= ](\\S+)'), plain)
    assert.throws(() => new Redaction([{ redact: ['(a{1,900}b{1,900})'] }]), /repeats too much/)
  })

  it('works on the JSON of images', () => {
    const redaction = new Redaction([
      { redact: ['key=(\\w+)'] },
      { redact: ['only (\\w+)'], binary_regex: ['/x$'] },
      { redact: ['^()$'] },
    ])
    const told = (binary: string, args: string) => {
      const json = JSON.stringify({ cwd: '/', binary, ...(args === '' ? {} : { arguments: args }) })
      const image = Buffer.from(`,${json.slice(1, -1)}`).toString('latin1')
      // The second time it may know the answer.
      assert.equal(redaction.redactImage(image), redaction.redactImage(image))
      const rest = Buffer.from(redaction.redactImage(image), 'latin1').toString()
      return JSON.parse(`{${rest.slice(1)}}`).arguments
    }
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (before) => {
        const args = `${before}"key=secret\n"`
        assert.equal(told('/x', args), args.replace('secret', '*****'))
      }),
    )
    for (const binary of ['/y', '/x', '/y']) {
      assert.equal(told(binary, 'only me'), binary === '/x' ? 'only *****' : 'only me')
    }
    assert.equal(told('/x', 'clean'), 'clean')
    assert.equal(told('/x', ''), undefined)
  })
})
