import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { relativeCost } from '@tetragon-ts/api/testing'
import fc from 'fast-check'
import { joinArguments } from '../../processes/join-arguments.ts'
import { EventBuffer } from '../json/event-lines.ts'
import { imageText } from '../json/image-text.ts'
import { imageJson, wholeText } from '../json/process-json.ts'
import { Redaction } from './redaction.ts'

const redact = (text: string, ...patterns: string[]): string =>
  new Redaction([{ redact: patterns }]).redact(text, () => '/bin/x')

const none = { bytes: new Uint8Array(), from: 0, to: 0 }

/** The arguments as events show them. */
function shown(redaction: Redaction, args: readonly string[], binary = '/bin/x'): string {
  const bytes = Buffer.from(['argv0', ...args].map((text) => `${text}\0`).join(''))
  const context = { out: new EventBuffer(), redaction }
  const [cwd, path] = ['/', binary].map((text) => wholeText(Buffer.from(text)))
  const once = imageJson(context, cwd, path, wholeText(bytes), false)
  // The second result may come from the cache.
  assert.equal(imageJson(context, cwd, path, wholeText(bytes), false), once)
  return imageText(once, 'arguments')
}

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

  it('hides a text that is slow to match as a whole', () => {
    // Each match scans the whole remaining text for a `c`.
    assert.equal(redact('ab'.repeat(1 << 16), '(a)|(b.*c)'), '*****')
    assert.equal(redact('a'.repeat(1 << 19), '(a)'), '*****')
    // A text that takes long but does not match is not changed.
    const long = 'a'.repeat(1 << 17)
    assert.equal(redact(long, '((a+)+)$b', '(a|aa)+c', '(.*)*[0-9]'), long)
  })

  it('is fast for long texts that slow down a pattern', async () => {
    const heavy = '((?:key|pin)=[ab]{1,1000}[xy])'
    const long = `key=${'ab'.repeat(1 << 22)}`
    const redaction = new Redaction([{ redact: [heavy], binary_regex: ['/x$'] }])
    const redactLong = (binary: string) => redaction.redact(long, () => binary)
    const cost = await relativeCost(() => {
      assert.equal(redactLong('/x'), '*****')
      assert.equal(redactLong('/y'), long)
    })
    assert.ok(cost < 100, `${cost}`)
    // Short texts are evaluated in any case.
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
      // The second result may come from the cache.
      assert.equal(redaction.redactImage(image, none), redaction.redactImage(image, none))
      const rest = Buffer.from(redaction.redactImage(image, none), 'latin1').toString()
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

describe('redaction of whole arguments', () => {
  const password = new Redaction([{ redact_arguments: ['--password[=\\x00]([^\\x00]*)'] }])

  it('hides values with blanks, quotes and anything else', () => {
    const secrets = ['two words secret', 'one', 'a "b c" d', '"', '', ' ', '\\" x', 'ä🚀 \n\t', '=']
    for (const secret of secrets) {
      for (const args of [
        ['--password', secret, 'rest'],
        [`--password=${secret}`, 'rest'],
      ]) {
        const text = shown(password, args)
        assert.match(text, /^ ?"?--password[ =]\*{5}"? rest$/, JSON.stringify(args))
      }
    }
  })

  it('leaves other arguments as they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', ' ', '"', '\\', 'é') })),
        (args) => {
          assert.equal(shown(password, args), joinArguments(args))
          assert.equal(
            shown(password, ['x y', '--password', 's t', ...args]),
            joinArguments(['x y', '--password', '*****', ...args]),
          )
        },
      ),
    )
  })

  it('never shows a value, whatever is around it', () => {
    const word = fc.string({ unit: fc.constantFrom('a', ' ', '"', '=', '\\', '-') })
    fc.assert(
      fc.property(fc.array(word), fc.array(word), word, (before, after, end) => {
        const secret = `S3CRET${end}S3CRET`
        const text = shown(password, [...before, '--password', secret, ...after])
        assert.ok(!text.includes('S3CRET'), text)
      }),
    )
  })

  it('is for all binaries or for some, and comes before that of the text', () => {
    const both = new Redaction([
      { redact_arguments: ['^-p\\x00([^\\x00]*)'], binary_regex: ['/mysql$'] },
      { redact: ['token (\\S+)'] },
    ])
    const args = ['-p', 'a b', 'token', 'c']
    assert.equal(shown(both, args, '/bin/mysql'), '-p ***** token *****')
    assert.equal(shown(both, args, '/bin/sh'), '-p "a b" token *****')
    assert.equal(shown(both, args, '/bin/mysql'), '-p ***** token *****')
  })

  it('hides all arguments if they are too long to match', () => {
    const heavy = new Redaction([{ redact_arguments: ['((?:key|pin)=[ab]{1,1000}[xy])'] }])
    assert.equal(shown(heavy, ['ab'.repeat(1 << 15)]), '*****')
  })

  it('needs a group, and a filter needs a pattern', () => {
    assert.throws(() => new Redaction([{ redact_arguments: ['secret'] }]), /there is no group/)
    assert.throws(
      () => new Redaction([{ binary_regex: ['x'] }]),
      /neither redact nor redact_arguments/,
    )
  })

  it('keeps secrets of programs without or with a single argument', () => {
    assert.equal(shown(password, []), '')
    assert.equal(shown(password, ['--password=x']), '--password=*****')
    assert.equal(shown(password, ['--password']), '--password')
  })
})
