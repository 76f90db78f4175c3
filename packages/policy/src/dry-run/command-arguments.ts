import type { Process } from '@tetragon-ts/api'
import { type CommandArgumentMatch, commandValueMax } from '../model/index.ts'
import { byteString } from './argument-value.ts'
import type { RecordedCondition } from './recorded-call.ts'
import { negatedIf, some, type Truth } from './truth.ts'

const encoder = new TextEncoder()

/**
 * Whether one of the values of a condition matches the arguments of a command, without its name.
 * The caller handles negated operators.
 * @param words each with a character for each byte
 */
export function matchesCommand(
  { index, how, ignoreCase, values }: CommandArgumentMatch,
  words: readonly string[],
): boolean {
  const folded = (text: string): string => (ignoreCase ? lowerCase(text) : text)
  const wanted = values.map((value) => folded(byteString(encoder.encode(value))))
  const tested = index === 'any' ? words : words.slice(index, index + 1)
  return tested.map(folded).some((word) => wanted.some((value) => compare(word, how, value)))
}

function compare(word: string, how: CommandArgumentMatch['how'], value: string): boolean {
  switch (how) {
    case 'equal':
      return word === value
    case 'prefix':
      return word.startsWith(value)
    case 'postfix':
      return word.endsWith(value)
    case 'substring':
      return word.includes(value)
  }
}

/** Of ASCII letters, as the kernel's programs compare them. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

/**
 * The arguments of a recorded process; undefined if the event does not say what they were: it
 * joins them by spaces, in quotes if they have any, and may redact them. Of long ones, it does not
 * say what the kernel could read.
 */
function wordsOf({ arguments: text = '', flags = '' }: Process): string[] | undefined {
  const has = (flag: string) => flags.split(' ').includes(flag)
  if (has('errorArgs') || has('truncArgs')) return undefined
  if (/["'\\]|\*\*\*\*\*|\ufffd/.test(text)) return undefined
  const joined = byteString(encoder.encode(text))
  if (joined.length > commandValueMax) return undefined
  return joined === '' ? [] : joined.split(' ')
}

/** matchCmdArgs on recorded events. */
export function commandCondition(match: CommandArgumentMatch): RecordedCondition {
  return {
    path: match.path,
    needs: 'the arguments of the process',
    test({ caller }): Truth {
      const words = caller && wordsOf(caller)
      return words && negatedIf(match.negated, some([matchesCommand(match, words)]))
    },
  }
}
