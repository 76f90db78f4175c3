import { utf8Length } from '@tetragon-ts/api'
import type { Check } from '../arguments/check.ts'
import { type CommandArgumentMatch, commandValueMax } from '../model/index.ts'
import type { CommandArgumentMatchDocument } from '../schema/selector.ts'
import { needValues } from './process-matches.ts'

const comparison = {
  Equal: 'equal',
  NotEqual: 'equal',
  Prefix: 'prefix',
  NotPrefix: 'prefix',
  Postfix: 'postfix',
  NotPostfix: 'postfix',
  SubString: 'substring',
} as const

/** An entry of `matchCmdArgs`. */
export function checkCommandArguments(
  match: CommandArgumentMatchDocument,
  check: Check,
): CommandArgumentMatch {
  needValues(match, check)
  const { at, operator, index, anyIndex, ignoreCase } = match
  const how = comparison[operator]
  const { findings } = check
  if (anyIndex && index !== 0) {
    findings.warning(`${at}.index`, 'POLICY_IGNORED', 'anyIndex is set: index has no effect')
  }
  // As in matchArgs: older policies end values with a zero byte.
  const values = match.values.map((value) => value.replace(/\0+$/, ''))
  for (const [i, value] of values.entries()) {
    const path = `${at}.values[${i}]`
    if (value === '' && how !== 'equal') {
      findings.error(path, 'POLICY_OPERAND', 'an empty value would match everything')
    } else if (value.includes('\0')) {
      findings.error(path, 'POLICY_OPERAND', 'arguments of commands have no zero bytes')
    } else if (utf8Length(value) > commandValueMax) {
      const message = `the value has more than ${commandValueMax} bytes`
      findings.error(path, 'POLICY_OPERAND', message)
    }
  }
  return {
    path: at,
    index: anyIndex ? 'any' : index,
    how,
    ignoreCase,
    negated: operator.startsWith('Not'),
    values,
  }
}
