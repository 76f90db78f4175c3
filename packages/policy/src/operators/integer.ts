import { readEqual, readMask, readOperand, readRange } from './numbers.ts'
import type { Operator, OperatorFamily, Range, Read, TestOf, WrittenValues } from './operator.ts'

/** Numbers and bit masks to compare with. */
export interface IntegerTests {
  greater: { readonly value: bigint }
  less: { readonly value: bigint }
  /** Any of these bits; several masks are or-ed. */
  mask: { readonly mask: bigint }
  range: { readonly ranges: readonly Range[] }
  'in-map': { readonly ranges: readonly Range[]; readonly lists: readonly string[] }
}
type IntegerTest = TestOf<IntegerTests>

function operandOf({ type }: WrittenValues): Read<bigint> {
  return (text) => readOperand(text, type)
}

const greater = {
  kinds: ['integer'],
  count: 'one',
  doc: { values: 'a number', meaning: 'The argument is larger.' },
  read(values): IntegerTest {
    return { operator: 'greater', value: values.all(operandOf(values))[0] ?? 0n }
  },
} satisfies Operator

const less = {
  kinds: ['integer'],
  count: 'one',
  doc: { values: 'a number', meaning: 'The argument is smaller.' },
  read(values): IntegerTest {
    return { operator: 'less', value: values.all(operandOf(values))[0] ?? 0n }
  },
} satisfies Operator

const range = {
  kinds: ['integer'],
  count: 'some',
  doc: { values: '`MIN:MAX`', meaning: 'The argument is in a range, including its ends.' },
  read(values): IntegerTest {
    const operand = operandOf(values)
    return { operator: 'range', ranges: values.all((text) => readRange(text, operand, false)) }
  },
} satisfies Operator

const listPrefix = 'list:'

const inMap = {
  kinds: ['integer', 'syscall'],
  count: 'some',
  doc: {
    values: 'numbers, `MIN:MAX`, `list:NAME`',
    meaning: 'The argument is one of the values. Lists of system calls require `syscall64`.',
  },
  read(values): IntegerTest {
    const number = (text: string) => readEqual(text, values.type)
    const entries = values.all<string | Range>((text) =>
      text.startsWith(listPrefix) ? text.slice(listPrefix.length) : readRange(text, number, true),
    )
    return {
      operator: 'in-map',
      lists: entries.filter((entry) => typeof entry === 'string'),
      ranges: entries.filter((entry) => typeof entry !== 'string'),
    }
  },
} satisfies Operator

const mask = {
  kinds: ['integer', 'capabilities'],
  count: 'some',
  doc: {
    values: 'numbers; sets also as `CAP_A,CAP_B`',
    meaning: 'The argument has one of the bits.',
  },
  read({ type, all }): IntegerTest {
    const masks = all((text) => readMask(text, type))
    return { operator: 'mask', mask: masks.reduce((sum, bits) => sum | bits, 0n) }
  },
} satisfies Operator

export const integerOperators = {
  GT: { ...greater, crdPosition: 9 },
  GreaterThan: { ...greater, crdPosition: 7 },
  LT: { ...less, crdPosition: 10 },
  LessThan: { ...less, crdPosition: 8 },
  InRange: { ...range, crdPosition: 30 },
  NotInRange: { ...range, negated: true, crdPosition: 31 },
  InMap: { ...inMap, crdPosition: 27 },
  NotInMap: { ...inMap, negated: true, crdPosition: 28 },
  Mask: { ...mask, crdPosition: 11 },
} satisfies OperatorFamily<IntegerTests>
