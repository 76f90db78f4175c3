import type { CelExpression } from '../cel.ts'
import { type ArgumentTypeName, argumentTypeFacts } from './argument-facts.ts'
import type { ArgumentOperator } from './argument-operators.ts'
import { BadValue } from './bad-value.ts'
import { addressFamilies, fileTypes, protocols, readNamed, tcpStates } from './named-numbers.ts'
import { readNetwork } from './networks.ts'
import { parseNumber, readMask, readOperand, readPort, readRange } from './numbers.ts'

/** CelExpr is read elsewhere, since it is about all arguments. */
export type ValueOperator = Exclude<ArgumentOperator, 'CelExpr'>

type Range = readonly [from: bigint, to: bigint]

/**
 * What each operator compares with. Values are alternatives. Signed values are given as such; the
 * compiler truncates.
 */
export interface TestValues {
  equal: { readonly values: readonly bigint[] }
  greater: { readonly value: bigint }
  less: { readonly value: bigint }
  /** Any of these bits; several masks are or-ed. */
  mask: { readonly mask: bigint }
  /** Both ends belong to a range. */
  range: { readonly ranges: readonly Range[] }
  'in-map': { readonly ranges: readonly Range[]; readonly lists: readonly string[] }
  'equal-string': { readonly strings: readonly Uint8Array[] }
  prefix: { readonly strings: readonly Uint8Array[] }
  postfix: { readonly strings: readonly Uint8Array[] }
  substring: { readonly strings: readonly Uint8Array[] }
  'substring-ignore-case': { readonly strings: readonly Uint8Array[] }
  'source-address': { readonly networks: readonly Network[] }
  'destination-address': { readonly networks: readonly Network[] }
  /** SPortPriv and DPortPriv become the range 0 to 1023. */
  'source-port': { readonly ranges: readonly Range[] }
  'destination-port': { readonly ranges: readonly Range[] }
  protocol: { readonly values: readonly bigint[] }
  family: { readonly values: readonly bigint[] }
  state: { readonly values: readonly bigint[] }
  'capabilities-gained': object
  /** S_IFMT values of include/uapi/linux/stat.h. */
  'file-type': { readonly values: readonly bigint[] }
  cel: { readonly expression: CelExpression }
}
export type TestOperator = keyof TestValues

/** A test of an argument, by one of the operators `N`. */
export type ArgumentTest<N extends TestOperator = TestOperator> = {
  readonly [O in N]: { readonly operator: O } & TestValues[O]
}[N]

/** Addresses that begin with the same bits. */
export interface Network {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array
  readonly bits: number
}

type Read<T> = (text: string) => T | BadValue

const encoder = new TextEncoder()
const privilegedPorts = [[0n, 1023n]] as const

/**
 * Text without the zero bytes at its end that older policies had to write; buffers may hold any.
 */
function readText(text: string, type: ArgumentTypeName): Uint8Array {
  return encoder.encode(type === 'char_buf' ? text : text.replace(/\0+$/, ''))
}

/** Whether values are numbers: by the type, or if that is unknown by their looks. */
function isNumeric(type: ArgumentTypeName, values: readonly string[]): boolean {
  const { kind } = argumentTypeFacts[type]
  if (kind === 'unknown') return values.every((value) => parseNumber(value) !== undefined)
  return kind === 'integer' || kind === 'capabilities' || kind === 'syscall'
}

/**
 * Reads the values of a condition for arguments of a type that allows the operator (NotEqual is
 * read as Equal and so on). `report` hears of every value that is wrong; then the result is
 * undefined. For type `auto`, numbers and strings are distinguished by form: read again with the
 * type once it is known.
 */
export function readArgumentTest(
  operator: ValueOperator,
  type: ArgumentTypeName,
  values: readonly string[],
  report: (index: number, problem: BadValue) => void,
): ArgumentTest | undefined {
  let failed = false
  const all = <T>(read: Read<T>): T[] => {
    const results: T[] = []
    for (const [index, value] of values.entries()) {
      const result = read(value)
      if (result instanceof BadValue) {
        failed = true
        report(index, result)
      } else {
        results.push(result)
      }
    }
    return results
  }
  const test = makeTest(operator, type, values, all)
  return failed ? undefined : test
}

function makeTest(
  operator: ValueOperator,
  type: ArgumentTypeName,
  values: readonly string[],
  all: <T>(read: Read<T>) => T[],
): ArgumentTest {
  const whole: Read<Uint8Array> = (value) => readText(value, type)
  const part: Read<Uint8Array> = (value) => {
    const bytes = readText(value, type)
    return bytes.length > 0 ? bytes : new BadValue('an empty value would match everything')
  }
  const operand: Read<bigint> = (value) => readOperand(value, type)
  const ports: Read<readonly [bigint, bigint]> = (value) => readRange(value, readPort, true)
  switch (operator) {
    case 'Equal':
    case 'NotEqual':
      if (isNumeric(type, values)) return { operator: 'equal', values: all(operand) }
      return { operator: 'equal-string', strings: all(whole) }
    case 'Prefix':
    case 'NotPrefix':
      return { operator: 'prefix', strings: all(part) }
    case 'Postfix':
    case 'NotPostfix':
      return { operator: 'postfix', strings: all(part) }
    case 'SubString':
      return { operator: 'substring', strings: all(part) }
    case 'SubStringIgnCase':
      return { operator: 'substring-ignore-case', strings: all(part) }
    case 'GT':
    case 'GreaterThan':
      return { operator: 'greater', value: all(operand)[0] ?? 0n }
    case 'LT':
    case 'LessThan':
      return { operator: 'less', value: all(operand)[0] ?? 0n }
    case 'Mask': {
      const masks = all((value) => readMask(value, type))
      return { operator: 'mask', mask: masks.reduce((sum, mask) => sum | mask, 0n) }
    }
    case 'InRange':
    case 'NotInRange':
      return { operator: 'range', ranges: all((value) => readRange(value, operand, false)) }
    case 'InMap':
    case 'NotInMap':
      return readMap(operand, all)
    case 'SAddr':
    case 'NotSAddr':
      return { operator: 'source-address', networks: all(readNetwork) }
    case 'DAddr':
    case 'NotDAddr':
      return { operator: 'destination-address', networks: all(readNetwork) }
    case 'SPort':
    case 'NotSPort':
      return { operator: 'source-port', ranges: all(ports) }
    case 'DPort':
    case 'NotDPort':
      return { operator: 'destination-port', ranges: all(ports) }
    case 'SPortPriv':
    case 'NotSportPriv':
      return { operator: 'source-port', ranges: privilegedPorts }
    case 'DPortPriv':
    case 'NotDPortPriv':
      return { operator: 'destination-port', ranges: privilegedPorts }
    case 'Protocol':
      return { operator: 'protocol', values: all((value) => readNamed(value, protocols, 0xffffn)) }
    case 'Family':
      return {
        operator: 'family',
        values: all((value) => readNamed(value, addressFamilies, 0xffffn)),
      }
    case 'State':
      return { operator: 'state', values: all((value) => readNamed(value, tcpStates, 0xffn)) }
    case 'CapabilitiesGained':
      return { operator: 'capabilities-gained' }
    case 'FileType':
    case 'NotFileType':
      return { operator: 'file-type', values: all((value) => readNamed(value, fileTypes)) }
  }
}

const listPrefix = 'list:'

function readMap(operand: Read<bigint>, all: <T>(read: Read<T>) => T[]): ArgumentTest {
  const entries = all<string | readonly [bigint, bigint]>((value) =>
    value.startsWith(listPrefix) ? value.slice(listPrefix.length) : readRange(value, operand, true),
  )
  return {
    operator: 'in-map',
    lists: entries.filter((entry) => typeof entry === 'string'),
    ranges: entries.filter((entry) => typeof entry !== 'string'),
  }
}
