import type { KprobeArgument } from '@tetragon-ts/api'
import type { CelExpression } from '../cel/conditions/expression.ts'
import type {
  Argument,
  ArgumentMatch,
  ArgumentTest,
  Hook,
  Policy,
  TestOperator,
} from '../model/index.ts'
import { argumentTypeFacts } from '../operators/argument-facts.ts'
import { addressFamilies, protocols, readNamed, tcpStates } from '../operators/named-numbers.ts'
import { type Network, networkContains } from '../operators/networks.ts'
import type { Range } from '../operators/operator.ts'
import {
  byteString,
  endOf,
  fileTypeOf,
  isInexact,
  numberOf,
  socketName,
  textOf,
} from './argument-value.ts'
import { expressionTruth } from './expression-truth.ts'
import type { RecordedCall, RecordedCondition } from './recorded-call.ts'
import { syscallLists } from './syscall-lists.ts'
import { negatedIf, some, type Truth } from './truth.ts'

/** Where events have the arguments of a condition. */
export type ArgumentList = 'args' | 'data' | 'result'

/** Conditions of matchArgs, matchData, matchCEL or matchReturnArgs. */
export function argumentConditions(
  matches: readonly ArgumentMatch[],
  list: ArgumentList,
  hook: Hook,
  policy: Policy,
): RecordedCondition[] {
  return matches.map((match) => {
    const { path, positions, negated, test, written } = match
    if (test.operator === 'cel') return expressionCondition(match, test.expression, hook)
    const [position] = positions
    const declared = argumentAt(hook, list, position)
    // Values of an unknown type may mean another thing once it is known.
    const isKnown = positions.length === 1 && declared !== undefined && declared.type !== 'auto'
    const compare = isKnown ? comparison(test, declared, policy) : undefined
    return {
      path,
      needs: compare ? whatEventsLack(test) : neverDecided(written.operator, declared),
      test(call) {
        const value = valueAt(call, list, position)
        if (compare === undefined || value === undefined || value.error_arg) return undefined
        return negatedIf(negated, compare(value))
      },
    }
  })
}

/** An expression over values of several lists. */
function expressionCondition(
  { path }: ArgumentMatch,
  expression: CelExpression,
  hook: Hook,
): RecordedCondition {
  const isMember = ({ named }: Argument): boolean => named !== undefined
  return {
    path,
    needs: hook.data.some(isMember)
      ? 'members in expressions are never decided'
      : 'the arguments of the expression',
    test(call) {
      const readable = (list: ArgumentList, position: number) => {
        const declared = argumentAt(hook, list, position)
        // Its type is that of the kernel.
        if (declared && isMember(declared)) return undefined
        const value = valueAt(call, list, position)
        return value?.error_arg === undefined ? value : undefined
      }
      return expressionTruth(expression, {
        number(list, position) {
          const value = readable(list, position)
          const declared = argumentAt(hook, list, position)
          const number = value && numberOf(value)
          return number === undefined || !declared ? undefined : inForm(declared, number)
        },
        text(list, position) {
          const value = readable(list, position)
          return value === undefined || isInexact(value) ? undefined : textOf(value)
        },
      })
    },
  }
}

function neverDecided(operator: string, declared: Argument | undefined): string {
  const what = declared?.type === 'auto' ? 'an argument of type auto' : operator
  return `${what} is never decided`
}

function whatEventsLack(test: ArgumentTest): string {
  const isOfFile = test.operator === 'equal-string' && test.files !== undefined
  return isOfFile ? 'the inode of the file' : 'the argument'
}

function argumentAt(hook: Hook, list: ArgumentList, position: number): Argument | undefined {
  return list === 'result' ? hook.returnArg : hook[list][position]
}

function valueAt(call: RecordedCall, list: ArgumentList, position: number) {
  return list === 'result' ? call.result : call[list][position]
}

type Compare = (value: KprobeArgument) => Truth

/** Each test of the policy language on a value in an event; undefined: events cannot decide it. */
const comparisons: {
  readonly [O in TestOperator]:
    | ((
        test: Extract<ArgumentTest, { operator: O }>,
        declared: Argument,
        policy: Policy,
      ) => Compare)
    | undefined
} = {
  equal: ({ values }, declared) => ofNumber(declared, (number) => values.includes(number)),
  greater: ({ value }, declared) => ofNumber(declared, (number) => number > value),
  less: ({ value }, declared) => ofNumber(declared, (number) => number < value),
  range: ({ ranges }, declared) => ofNumber(declared, (number) => isInRange(number, ranges)),
  'in-map': ({ ranges, lists }, declared, policy) => {
    const isInList = syscallLists(lists.flatMap((name) => policy.lists.get(name) ?? []))
    const inRange = ofNumber(declared, (number) => isInRange(number, ranges))
    return (value) => some([inRange(value), lists.length > 0 && isInList(value)])
  },
  mask({ mask }, declared) {
    const { bits = 64 } = argumentTypeFacts[declared.type]
    return ofNumber(declared, (number) => (BigInt.asUintN(bits, number) & mask) !== 0n)
  },
  'equal-string'({ strings, files }) {
    const isEqual = ofText(strings, (text, wanted) => text === wanted)
    // Events have no inodes.
    return (value) => some([isEqual(value), files ? undefined : false])
  },
  prefix: ({ strings }) => ofText(strings, (text, wanted) => text.startsWith(wanted)),
  postfix: ({ strings }) => ofText(strings, (text, wanted) => text.endsWith(wanted)),
  substring: ({ strings }) => ofText(strings, (text, wanted) => text.includes(wanted)),
  'substring-ignore-case': ({ strings }) =>
    ofText(strings, (text, wanted) => lowerCase(text).includes(lowerCase(wanted))),
  'file-type'({ values }) {
    return (value) => known(fileTypeOf(value), (type) => values.includes(type))
  },
  'source-address': ({ networks }) => ofEnd('source', ({ address }) => isIn(address, networks)),
  'destination-address': ({ networks }) =>
    ofEnd('destination', ({ address }) => isIn(address, networks)),
  'source-port': ({ ranges }) => ofEnd('source', ({ port }) => isInRange(port, ranges)),
  'destination-port': ({ ranges }) => ofEnd('destination', ({ port }) => isInRange(port, ranges)),
  protocol: ({ values }) => ofName('protocol', protocols, values),
  family: ({ values }) => ofName('family', addressFamilies, values),
  state: ({ values }) => ofName('state', tcpStates, values),
  'capabilities-gained': undefined,
  cel: undefined,
}

function comparison(test: ArgumentTest, declared: Argument, policy: Policy): Compare | undefined {
  const make = comparisons[test.operator] as
    | ((test: ArgumentTest, declared: Argument, policy: Policy) => Compare)
    | undefined
  return make?.(test, declared, policy)
}

function known<T>(value: T | undefined, test: (value: T) => Truth): Truth {
  return value === undefined ? undefined : test(value)
}

/** Compares as the declared type does, which may have another sign than the recorded one. */
function ofNumber(declared: Argument, test: (number: bigint) => Truth): Compare {
  return (value) => known(numberOf(value), (number) => test(inForm(declared, number)))
}

/** A number as its declared type has it. */
function inForm({ type }: Argument, number: bigint): bigint {
  const { bits = 64, signed = false } = argumentTypeFacts[type]
  return signed ? BigInt.asIntN(bits, number) : BigInt.asUintN(bits, number)
}

function ofText(
  strings: readonly Uint8Array[],
  matches: (text: string, wanted: string) => boolean,
): Compare {
  const wanted = strings.map(byteString)
  return (value) =>
    isInexact(value)
      ? undefined
      : known(textOf(value), (text) => wanted.some((each) => matches(text, each)))
}

function ofEnd(
  side: 'source' | 'destination',
  test: (end: { readonly address: string; readonly port: bigint }) => Truth,
): Compare {
  return (value) => known(endOf(value, side), test)
}

function isIn(address: string, networks: readonly Network[]): Truth {
  return some(networks.map((network) => networkContains(network, address)))
}

function ofName(
  property: 'protocol' | 'family' | 'state',
  names: Readonly<Record<string, number>>,
  values: readonly bigint[],
): Compare {
  return (value) =>
    known(socketName(value, property), (name) => {
      const number = readNamed(name, names, 0xffffn)
      return typeof number === 'bigint' ? values.includes(number) : undefined
    })
}

function isInRange(number: bigint, ranges: readonly Range[]): boolean {
  return ranges.some(([from, to]) => number >= from && number <= to)
}

/** Of ASCII letters, as the kernel's programs compare them. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
