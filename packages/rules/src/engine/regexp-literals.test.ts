import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compileRegExp } from '@tetragon-ts/policy/regexp'
import { requiredLiterals } from './regexp-literals.ts'

describe('literals that each match of a regular expression contains', () => {
  for (const [source, expected] of [
    ['abc', ['abc']],
    ['^/usr/bin/[a-z]+\\.sh$', ['/usr/bin/']],
    ['ab+cdef', ['cdef']],
    ['abc?def', ['def']],
    ['(?:curl|wget) ', ['curl', 'wget']],
    ['(?i)secret=', ['secret=']],
    ['(?P<name>abcd)x', ['abcdx']],
    ['abc|def', ['abc', 'def']],
    ['abc|d', undefined],
    ['(abcd)*', undefined],
    ['(abcd){0,2}', undefined],
    ['(abcd){2}', ['abcd']],
    ['a.b.c', undefined],
    ['[abc]def[]xyz]ghij', ['ghij']],
    ['\\.bash_history', ['.bash_history']],
    ['\\x41bcdef', ['abcdef']],
    ['\\Qabcd\\E', ['abcd']],
    ['\\pLabcd', undefined],
    ['ſabcd', ['abcd']],
    ['ab\\wcdef', ['cdef']],
  ] as const) {
    it(source, () => {
      const { syntax } = compileRegExp(source)
      assert.deepEqual(syntax && requiredLiterals(syntax), expected)
    })
  }
})
