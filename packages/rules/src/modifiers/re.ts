import { compileRegExp, restorePattern } from '@tetragon-ts/policy/regexp'
import type { Test } from '../model/test.ts'
import { changeEach, type Draft, type Modifier, ModifierError, requireFirst } from './modifier.ts'

/** Compiles an expression with flags. @throws RegExpError */
export function regexpTest(source: string, flags: string): Test {
  return { kind: 'regexp', source, flags, pattern: compileRegExp(withFlags(source, flags)) }
}

/** The same for an expression that was checked before. */
export function restoredRegexpTest(source: string, flags: string): Test {
  return { kind: 'regexp', source, flags, pattern: restorePattern(withFlags(source, flags)) }
}

function withFlags(source: string, flags: string): string {
  return flags === '' ? source : `(?${flags})${source}`
}

export const re: Modifier = {
  name: 're',
  doc: 'the value is a regular expression in RE2 syntax, found anywhere in the field',
  apply(item) {
    requireFirst(item, 're')
    changeEach(item, (draft) => {
      // The reader does not resolve escapes of values with this modifier.
      if (draft.kind !== 'text') throw new ModifierError('re needs a text')
      return regexpTest(draft.text.join(''), '')
    })
  },
}

function flagModifier(flag: string, alias: string, doc: string): Modifier {
  const withFlag = (draft: Draft): Draft => {
    if (draft.kind !== 'regexp') throw new ModifierError(`${flag} belongs after re`)
    return draft.flags.includes(flag) ? draft : regexpTest(draft.source, draft.flags + flag)
  }
  return { name: flag, aliases: [alias], doc, apply: (item) => changeEach(item, withFlag) }
}

export const regexpFlags: readonly Modifier[] = [
  flagModifier('i', 'ignorecase', 'after re: case is ignored'),
  flagModifier('m', 'multiline', 'after re: ^ and $ also match at lines'),
  flagModifier('s', 'dotall', 'after re: a dot also matches the end of a line'),
]
