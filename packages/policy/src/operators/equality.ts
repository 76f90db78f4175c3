import { type ArgumentTypeName, argumentTypeFacts } from './argument-facts.ts'
import { parseNumber, readOperand } from './numbers.ts'
import type { Operator, OperatorFamily, TestOf } from './operator.ts'
import { readText } from './text.ts'

/** Values to compare with: numbers or strings, by the type of the argument. */
export interface EqualityTests {
  equal: { readonly values: readonly bigint[] }
  'equal-string': { readonly strings: readonly Uint8Array[] }
}

/** Whether values are numbers: by the type, or if it is unknown, by their form. */
function isNumeric(type: ArgumentTypeName, values: readonly string[]): boolean {
  const { kind } = argumentTypeFacts[type]
  if (kind === 'unknown') return values.every((value) => parseNumber(value) !== undefined)
  return kind === 'integer' || kind === 'capabilities' || kind === 'syscall'
}

const equal = {
  kinds: ['integer', 'string', 'file', 'unix-address', 'capabilities', 'syscall'],
  count: 'some',
  doc: {
    values: 'numbers, strings; sets also as `CAP_A,CAP_B`',
    meaning: 'The argument is one of the values. Trailing zero bytes of strings are ignored.',
  },
  read({ type, texts, all }): TestOf<EqualityTests> {
    return isNumeric(type, texts)
      ? { operator: 'equal', values: all((text) => readOperand(text, type)) }
      : { operator: 'equal-string', strings: all((text) => readText(text, type)) }
  },
} satisfies Operator

export const equalityOperators = {
  Equal: { ...equal, crdPosition: 1 },
  NotEqual: { ...equal, negated: true, crdPosition: 2 },
} satisfies OperatorFamily<EqualityTests>
