import assert from 'node:assert/strict'
import type { Operand } from '@tetragon-ts/compiler/testing'
import type { Bytes } from '@tetragon-ts/ebpf/lang'
import type { TestOperator, TestValues } from '@tetragon-ts/policy'
import fc from 'fast-check'
import type { PolicyCase } from '../policy-case.ts'
import { type OperatorModel, operand, type Subject, type Trial } from './operator-model.ts'

/** A case on the path of sys_openat; `{folder}` is the working directory. */
function pathCase(
  operator: string,
  name: string,
  values: readonly string[],
  hit: string,
  miss: string,
): PolicyCase {
  return {
    name,
    covers: { kind: 'operator', name: operator },
    policy: `
kprobes:
- call: sys_openat
  syscall: true
  args:
  - index: 1
    type: string
  selectors:
  - matchArgs:
    - index: 1
      operator: ${operator}
      values: [${values.map((value) => JSON.stringify(value)).join(', ')}]`,
    hit: ['try', 'open', hit, '0'],
    miss: ['try', 'open', miss, '0'],
    expect({ args }, _, { folder }) {
      assert.equal(args[0].string_arg, hit.replace('{folder}', folder))
    },
  }
}

/** The first file that the dynamic linker opens, if the workload were linked dynamically. */
const others = ['/etc/ld.so.cache', '/lib/x86_64-linux-gnu/libc.so.6']

const many = Array.from({ length: 500 }, (_, i) => `/name-${i}${'-more'.repeat(i % 40)}`)
const long = Array.from({ length: 12 }, (_, i) => `/${'l'.repeat(300 * (i + 1))}`)

export const textCases: readonly PolicyCase[] = [
  pathCase('Equal', 'a text of few', ['/a', '{folder}/wanted'], '{folder}/wanted', '{folder}/want'),
  pathCase('Equal', 'a text of 500', many, many[431], `${many[431]}-`),
  pathCase('Equal', 'thousands of bytes', long, long[11], long[11].slice(1)),
  pathCase('NotEqual', 'no text of few', ['{folder}/a', ...others], '{folder}/b', '{folder}/a'),
  pathCase('NotEqual', 'no text of 500', [...many, ...others], '/name', many[77]),
  pathCase('Prefix', 'of a few', ['/no', '{folder}/a'], '{folder}/abc', '{folder}/bca'),
  pathCase('Prefix', 'of 500', many, `${many[499]}/more`, '/nam'),
  pathCase('Prefix', 'beyond 256 bytes', long, `${long[3].slice(0, -1)}l/`, `/${'l'.repeat(200)}`),
  pathCase('NotPrefix', 'of a few', ['/lib', '/etc', '{folder}/a'], '{folder}/ba', '{folder}/ab'),
  pathCase('Postfix', 'of a few', ['.wanted', '.too'], '{folder}/x.wanted', '{folder}/wanted.x'),
  pathCase(
    'Postfix',
    'of 500',
    many.map((name) => name.slice(1)),
    `{folder}${many[212]}`,
    '/name',
  ),
  pathCase(
    'Postfix',
    'beyond 127 bytes',
    [`${'p'.repeat(200)}z`],
    `/q${'p'.repeat(200)}z`,
    `/${'p'.repeat(199)}z`,
  ),
  pathCase('NotPostfix', 'of a few', ['.x', '.cache', '.6'], '{folder}/a.y', '{folder}/a.x'),
  pathCase('SubString', 'of a few', ['ecre', 'passw'], '/the-secret/file', '/the-secert/file'),
  pathCase('SubString', 'of 100', many.slice(0, 100), `/in${many[66]}/name`, '/in/name'),
  pathCase('SubStringIgnCase', 'of a few', ['SeCrEt'], '/the-sEcReT/file', '/the-secert/file'),
]

const texts: Subject = { name: 'texts', runs: 60, hasLoops: true }
const textAt = 64
const textMax = 4096

function textInput(text: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(textAt + textMax)
  // Old content of the memory must not count.
  bytes.fill(0x61, textAt)
  new DataView(bytes.buffer).setUint32(0, text.length, true)
  bytes.set(text, textAt)
  return bytes
}

/** A text as programs have it: at an offset that the verifier does not know exactly. */
function textOperand(input: Bytes): Operand {
  const length = input.load(4, 0).and(textMax - 1)
  return operand({}, { bytes: input.at(textAt), length, max: textMax })
}

/** Texts of few letters and many lengths, so that they often share prefixes and postfixes. */
const letters = fc.constantFrom(0x61, 0x62, 0x41, 0x2f, 0xff)
const shortText = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((bytes) => bytes.map((b) => [0x61, 0x62, 0x41][b % 3]))
const longText = fc
  .record({
    unit: fc.array(letters, { minLength: 1, maxLength: 3 }),
    length: fc.oneof(
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(23, 24, 25, 56, 57, 120, 121, 247, 248, 249, 252, 253, 496, 504, 505),
      fc.integer({ min: 200, max: 4095 }),
    ),
  })
  .map(({ unit, length }) => Uint8Array.from({ length }, (_, i) => unit[i % unit.length]))
const text = fc.oneof(shortText, longText)

const samples = fc.record({
  strings: fc.oneof(
    fc.array(shortText, { minLength: 1, maxLength: 30 }),
    fc.array(text, { minLength: 1, maxLength: 30 }),
  ),
  others: fc.array(text, { maxLength: 8 }),
})

type Strings = { readonly strings: readonly Uint8Array[] }
type TextOperator = {
  [N in TestOperator]: Strings extends TestValues[N]
    ? TestValues[N] extends Strings
      ? N
      : never
    : never
}[TestOperator]

/** The compared texts, one character per byte. */
type Holds = (value: string, wanted: string) => boolean

function textModel(operator: TextOperator, holds: Holds): OperatorModel {
  const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
  const trials = samples.map(({ strings, others: more }): Trial => {
    const inputs = [
      ...more,
      new Uint8Array(),
      ...strings.flatMap((string) => [
        string,
        string.subarray(1),
        string.subarray(0, -1),
        Uint8Array.of(0x61, ...string, 0x62).subarray(0, textMax - 1),
        Uint8Array.of(...string, 0x62).subarray(0, textMax - 1),
        Uint8Array.of(0x62, ...string).subarray(-textMax + 1),
      ]),
    ]
    return {
      test: { operator, strings },
      operands: (input: Bytes) => [textOperand(input)],
      inputs: inputs.map(textInput),
      expected: inputs.map((value) =>
        strings.some((wanted) => holds(latin1(value), latin1(wanted))),
      ),
    }
  })
  return { subject: texts, trials }
}

/** Only for ASCII letters. */
function lower(value: string): string {
  return value.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

export const textModels = {
  'equal-string': textModel('equal-string', (value, wanted) => value === wanted),
  prefix: textModel('prefix', (value, wanted) => value.startsWith(wanted)),
  postfix: textModel('postfix', (value, wanted) => value.endsWith(wanted)),
  substring: textModel('substring', (value, wanted) => value.includes(wanted)),
  'substring-ignore-case': textModel('substring-ignore-case', (value, wanted) =>
    lower(value).includes(lower(wanted)),
  ),
}
