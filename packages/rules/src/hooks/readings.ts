import { Network } from '@tetragon-ts/policy/networks'
import type { Syntax } from '@tetragon-ts/policy/regexp'
import { requiredLiterals } from '../engine/regexp-literals.ts'
import { valueTest } from '../engine/test-value.ts'
import { fileTypes } from '../log-sources/file-types.ts'
import type { ReadingName } from '../log-sources/hook-use.ts'
import type { KernelTest } from '../log-sources/kernel-test.ts'
import { truncate } from '../log-sources/open-flags.ts'
import type { Test } from '../model/test.ts'
import { plainText, type WildcardText } from '../text/wildcard.ts'
import { either, type KernelFilter, passAll, passNone } from './kernel-filter.ts'
import { alternativesOf, postfixesOf, prefixesOf } from './regexp-affixes.ts'

/**
 * How a field of an event depends on an argument: the tests of the argument that pass at least what
 * a test of the field matches. `not` is the same for its negation, if the kernel can decide it.
 */
export interface Reading {
  filter(test: Test, argument: number): KernelFilter
  not?(test: Test, argument: number): KernelFilter
}

/** Longest texts that the kernel compares, with room to spare. */
const prefixMax = 200
const postfixMax = 100

const fold = /[a-z]/i
const printable = /^[\x20-\x7e]+$/

/** A text whose value is the argument's: a path, a name. */
const text: Reading = {
  filter(test, argument) {
    const found = textParts(test)
    if (found === undefined) return passAll
    return either(found.map((parts) => oneOf(parts, argument)))
  },
  not(test, argument) {
    const operator = negated(test)
    return operator === undefined ? passAll : [[{ argument, ...operator }]]
  },
}

function oneOf(parts: Parts | undefined, argument: number): KernelFilter {
  if (parts === undefined || parts.texts.some((each) => !printable.test(each))) return passAll
  const { operator, texts } = parts
  return [[{ argument, operator, values: cut(operator, texts) }]]
}

type Parts = { readonly operator: string; readonly texts: readonly string[] }

/** Texts for each alternative of a test. */
function textParts(test: Test): readonly (Parts | undefined)[] | undefined {
  if (test.kind === 'text') return [partsOfText(test.text, test.cased)]
  if (test.kind !== 'regexp' || test.pattern.syntax === undefined) return undefined
  return alternativesOf(test.pattern.syntax).map(partsOfSyntax)
}

function partsOfSyntax(syntax: Syntax): Parts | undefined {
  const prefixes = prefixesOf(syntax)
  const postfixes = postfixesOf(syntax)
  const best = better(prefixes, postfixes) ? prefixes : postfixes
  if (best !== undefined && shortestOf(best) > 1) {
    return { operator: best === prefixes ? 'Prefix' : 'Postfix', texts: best }
  }
  const literals = requiredLiterals(syntax)
  return literals && { operator: 'SubStringIgnCase', texts: literals }
}

/** Longer texts pass less. */
function better(one: readonly string[] | undefined, other: readonly string[] | undefined): boolean {
  return one !== undefined && (other === undefined || shortestOf(one) >= shortestOf(other))
}

function shortestOf(texts: readonly string[]): number {
  return Math.min(...texts.map(({ length }) => length))
}

function partsOfText(parts: WildcardText, cased: boolean): Parts | undefined {
  const literals = parts.filter((part) => typeof part === 'string')
  if (literals.length === 0) return undefined
  const longest = literals.reduce((best, each) => (each.length > best.length ? each : best))
  if (!cased && fold.test(longest)) return { operator: 'SubStringIgnCase', texts: [longest] }
  const first = parts[0]
  const last = parts.at(-1)
  if (first === longest) return { operator: 'Prefix', texts: [longest] }
  if (last === longest) return { operator: 'Postfix', texts: [longest] }
  return { operator: 'SubString', texts: [longest] }
}

function cut(operator: string, texts: readonly string[]): string[] {
  const shortened = texts.map((each) => {
    return operator === 'Postfix' ? each.slice(-postfixMax) : each.slice(0, prefixMax)
  })
  return [...new Set(shortened)]
}

/**
 * The negation of a text. A rule that ignores case excludes more than the kernel, which may pass
 * too much.
 */
function negated(test: Test): Omit<KernelTest, 'argument'> | undefined {
  if (test.kind !== 'text') return undefined
  const { text: parts } = test
  const [first, second] = parts
  const whole = plainText(parts)
  const start = parts.length === 2 && typeof first === 'string' && second === 0 ? first : undefined
  const end = parts.length === 2 && first === 0 && typeof second === 'string' ? second : undefined
  const value = whole ?? start ?? end
  const max = end === undefined ? prefixMax : postfixMax
  if (value === undefined || !printable.test(value) || value.length > max) return undefined
  const operator =
    whole !== undefined ? undefined : start !== undefined ? 'NotPrefix' : 'NotPostfix'
  return operator && { operator, values: [value] }
}

/** Numbers of all types of integers, in their only form. */
const digits = /^(?:0|[1-9]\d{0,8})$/

/** An integer, shown in decimal digits. */
const integer: Reading = {
  filter(test, argument) {
    const number = integerOf(test)
    return number === undefined ? passAll : [[{ argument, operator: 'Equal', values: [number] }]]
  },
}

function integerOf(test: Test): string | undefined {
  if (test.kind === 'number' && test.comparison === 'eq') {
    return digits.test(String(test.number)) ? String(test.number) : undefined
  }
  const value = test.kind === 'text' ? plainText(test.text) : undefined
  return value !== undefined && digits.test(value) ? value : undefined
}

/** The address of the other end of a socket. */
const peerAddress: Reading = {
  filter(test, argument) {
    const network = networkOf(test)
    if (network === undefined) return passAll
    return [[{ argument, operator: 'DAddr', values: [network] }]]
  },
}

function networkOf(test: Test): string | undefined {
  if (test.kind === 'network') return test.written
  const value = test.kind === 'text' ? plainText(test.text) : undefined
  if (value === undefined) return undefined
  // Only this form is certain to be the only one of its address.
  if (/^\d+(?:\.\d+){3}$/.test(value)) return value
  // Forms of IPv6 differ, but all are that of one address, unless it stands for one of IPv4.
  return startOfIpv6.test(value) && Network.parse(`${value}/128`) ? value : undefined
}

const startOfIpv6 = /^[1-9a-f][\da-f]{0,3}:[\da-f:]*$/i

/** Its port. */
const peerPort: Reading = {
  filter(test, argument) {
    const number = integerOf(test)
    if (number === undefined) return passAll
    const isPort = Number(number) >= 0 && Number(number) <= 0xffff
    return isPort ? [[{ argument, operator: 'DPort', values: [number] }]] : passNone
  },
}

/** Bits of which the argument has all that all matching values have. */
function bitsOf(values: Iterable<number>): number | undefined {
  let common: number | undefined
  for (const value of values) common = common === undefined ? value : common & value
  return common
}

/** Values of few bits, tried one by one: the kernel tests a bit that all matching ones have. */
function enumerated(values: readonly number[], write: (value: number) => string): Reading {
  return {
    filter(test, argument) {
      if (test.kind === 'field') return passAll
      const matches = valueTest(test)
      const common = bitsOf(values.filter((value) => matches(write(value))))
      if (common === undefined) return passNone
      return common === 0
        ? passAll
        : [[{ argument, operator: 'Mask', values: [String(common & -common)] }]]
    },
  }
}

/** The mode of a file: permissions, in octal digits. */
const mode = enumerated(
  Array.from({ length: 0o10000 }, (_, i) => i),
  (value) => value.toString(8),
)

/** Readings by name. */
export const readings: Readonly<Record<ReadingName, Reading>> = {
  text,
  integer,
  peerAddress,
  peerPort,
  mode,
  fileType: enumerated([...fileTypes.keys()], (value) => fileTypes.get(value) ?? ''),
  truncation: enumerated([0, truncate], (value) => String(value !== 0)),
}
