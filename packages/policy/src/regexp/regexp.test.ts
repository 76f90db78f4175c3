import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RE2JS } from 're2js'
import { compileRegExp, RegExpError } from './regexp.ts'

const patterns = [
  ...['^ab', '^a$', '^a|b', '^(a|b)c', '^*b', '^?b', '^+b', '^{0}b', '^(?:^b)*', '^', '^$', '^^a'],
  ...['(?i)^AB', '(?m)^b', '(?s)^a.b', '^a.b', '(?is)^A.B', '^a(?m)$', '^(?m)^b', '^a(?i)B|c'],
  ...['^[)|]b', '^\\)b', '^\\Qa|b', '^a\\z', '^a\\b', '^.b', '^[^a]+b', '^(\\S*/)?b( |$).*c'],
]
const texts = [
  ...['', 'a', 'b', 'ab', 'Ab', 'abc', 'ba', 'ac', 'a\nb', '\nb', 'a\n', 'b\na', 'a|b', 'xa|b'],
  ...['|b', ')b', 'é', 'éb', '😀b', '\ud83d', 'a\ud83d', '/x/b', '/x/b 1 c', '/x/b 1 \nc', 'x c'],
]

test('an anchored pattern matches as a search with it does', () => {
  for (const pattern of patterns) {
    const compiled = compileRegExp(pattern)
    const search = RE2JS.compile(pattern)
    const found = texts.filter((text) => compiled.test(text))
    assert.deepEqual(
      found,
      texts.filter((text) => search.test(text)),
      pattern,
    )
  }
})

test('an anchored pattern is invalid where it is alone', () => {
  for (const pattern of ['^a)(?:b', '^a)|(b', '^(a', '^a)', '^[a', '^a\\', '^a)(?s:.*']) {
    assert.throws(() => compileRegExp(pattern), RegExpError, pattern)
  }
})
