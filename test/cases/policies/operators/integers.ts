import type { Bytes } from '@tetragon-ts/ebpf/lang'
import type { ArgumentTest } from '@tetragon-ts/policy'
import fc from 'fast-check'
import type { PolicyCase } from '../policy-case.ts'
import {
  type IntegerForm,
  integerAt,
  type OperatorModel,
  operand,
  type Subject,
  word,
  words,
  wrap,
} from './operator-model.ts'

function lseek(offset: string): readonly string[] {
  return ['try', 'lseek', '-1', offset, '0']
}

/** A case on the offset of sys_lseek, whose call fails. */
function offsetCase(
  operator: string,
  name: string,
  values: readonly string[],
  hit: string,
  miss: string,
  type = 'int64',
): PolicyCase {
  return {
    name,
    covers: { kind: 'operator', name: operator },
    policy: `
kprobes:
- call: sys_lseek
  syscall: true
  args:
  - index: 1
    type: ${type}
  selectors:
  - matchArgs:
    - index: 1
      operator: ${operator}
      values: [${values.map((value) => `"${value}"`).join(', ')}]`,
    hit: lseek(hit),
    miss: lseek(miss),
  }
}

const many = Array.from({ length: 300 }, (_, i) => String(i * 7))

export const integerOperatorCases: readonly PolicyCase[] = [
  offsetCase('Equal', 'one of few', ['5', '-0x10', '017'], '-16', '16'),
  offsetCase('Equal', 'one of many', many, '2093', '2092'),
  offsetCase('Equal', 'low bits count only', ['5'], '0x100000005', '0x100000006', 'int32'),
  offsetCase('NotEqual', 'none of few', ['5', '6'], '7', '6'),
  offsetCase('NotEqual', 'none of many', many, '2092', '2093'),
  offsetCase('GT', 'with its sign', ['-3'], '-2', '-3'),
  offsetCase('GreaterThan', 'without sign', ['0xfffffffffffffff0'], '-1', '5', 'uint64'),
  offsetCase('LT', 'with its sign', ['-3'], '-4', '-3'),
  offsetCase('LessThan', 'of 8 bits', ['-1'], '0xfe', '0x7f', 'int8'),
  offsetCase('Mask', 'any of the bits', ['0x6'], '0x102', '0x109'),
  offsetCase('InRange', 'both ends included', ['10:20', '-5:-3'], '-3', '9'),
  offsetCase('NotInRange', 'outside of all', ['10:20', '-5:-3'], '21', '20'),
  offsetCase('InMap', 'values and ranges', ['3', '100:200', '7'], '150', '4'),
  offsetCase(
    'InMap',
    'many ranges',
    Array.from({ length: 50 }, (_, i) => `${i * 100}:${i * 100 + 5}`),
    '4905',
    '4906',
  ),
  offsetCase('NotInMap', 'outside of values and ranges', ['3', '100:200'], '4', '200'),
  {
    name: 'a list of system calls',
    covers: { kind: 'operator', name: 'InMap' },
    policy: `
lists:
- name: calls
  type: syscalls
  values: [sys_lseek, sys_sethostname]
tracepoints:
- subsystem: raw_syscalls
  event: sys_enter
  args:
  - index: 4
    type: syscall64
  selectors:
  - matchArgs:
    - index: 0
      operator: InMap
      values: ["list:calls"]
    matchBinaries:
    - operator: In
      values: ["{trigger}"]`,
    hit: ['times', '2', ...lseek('1')],
    miss: ['kill', '0'],
    count: 2,
  },
]

const integers: Subject = { name: 'integers', runs: 100 }

/** Values for operators on integers. */
interface Values {
  readonly form: IntegerForm
  readonly values: readonly bigint[]
  readonly ranges: readonly (readonly [from: bigint, to: bigint])[]
}

function withRanges(form: IntegerForm, numbers: readonly bigint[]): Values {
  const values = numbers.map((value) => wrap(value, form))
  const ranges = values.map((value, i) => {
    const other = values[(i * 7 + 1) % values.length]
    const [from, to] = value < other ? [value, other] : [other, value]
    // Narrow ranges, so that many of them do not overlap.
    return i % 2 === 0 && to - from > 4n ? ([from, from + 3n] as const) : ([from, to] as const)
  })
  return { form, values, ranges }
}

const samples = fc.record({
  form: fc.record<IntegerForm>({
    bits: fc.constantFrom<IntegerForm['bits']>(8, 16, 32, 64),
    signed: fc.boolean(),
  }),
  values: fc.array(word, { minLength: 1, maxLength: 24 }),
  others: fc.array(word, { minLength: 1, maxLength: 6 }),
})

function integerModel<T extends ArgumentTest>(
  given: (values: Values) => T,
  holds: (value: bigint, test: T) => boolean,
): OperatorModel {
  const trials = samples.map(({ form, values, others }) => {
    const sample = withRanges(form, values)
    const near = sample.ranges.flatMap(([from, to]) => [from - 1n, from, to, to + 1n])
    const inputs = [...others, ...near]
    const test = given(sample)
    return {
      test,
      operands: (input: Bytes) => [operand({ integer: integerAt(input, 0, form) })],
      inputs: inputs.map((value) => words(value)),
      expected: inputs.map((value) => holds(wrap(value, form), test)),
    }
  })
  return { subject: integers, trials }
}

function isInRanges(value: bigint, ranges: Values['ranges']): boolean {
  return ranges.some(([from, to]) => value >= from && value <= to)
}

export const integerModels = {
  equal: integerModel(
    ({ values }) => ({ operator: 'equal', values }),
    (value, { values }) => values.includes(value),
  ),
  greater: integerModel(
    ({ values: [value] }) => ({ operator: 'greater', value }),
    (value, test) => value > test.value,
  ),
  less: integerModel(
    ({ values: [value] }) => ({ operator: 'less', value }),
    (value, test) => value < test.value,
  ),
  mask: integerModel(
    ({ values, form: { bits } }) => {
      const all = values.reduce((sum, value) => sum | value, 0n)
      return { operator: 'mask', mask: BigInt.asUintN(bits, all) }
    },
    (value, { mask }) => (value & mask) !== 0n,
  ),
  range: integerModel(
    ({ ranges }) => ({ operator: 'range', ranges }),
    (value, { ranges }) => isInRanges(value, ranges),
  ),
  'in-map': integerModel(
    ({ ranges }) => ({ operator: 'in-map', ranges, lists: [] }),
    (value, { ranges }) => isInRanges(value, ranges),
  ),
}
