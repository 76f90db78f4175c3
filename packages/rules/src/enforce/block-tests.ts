import type { FieldSource } from '../log-sources/hook-use.ts'
import type { KernelTest } from '../log-sources/kernel-test.ts'
import type { Test } from '../model/test.ts'
import { plainText } from '../text/wildcard.ts'
import { imageAnchor } from './image-anchor.ts'

/** Alternatives of tests of arguments with the meaning of a test, or why there are none. */
export type ExactTests = readonly (readonly KernelTest[])[] | string

/** Longest values that the kernel compares. */
const longest = { Equal: 200, Prefix: 200, Postfix: 100, SubString: 200 } as const
type TextOperator = keyof typeof longest

const operators = {
  whole: 'Equal',
  start: 'Prefix',
  end: 'Postfix',
  anywhere: 'SubString',
} as const

/** The tests of an argument that are true exactly if a test of the field is, or is not. */
export function exactTests(
  test: Test,
  source: Extract<FieldSource, { argument: number } | { folder: number }>,
  negated: boolean,
): ExactTests {
  if ('folder' in source) return inFolder(test, source, negated)
  const { argument, as } = source
  if (as === 'peerAddress' || as === 'peerPort') {
    if (negated) return 'the kernel compares with the addresses and ports to refuse only'
    return as === 'peerPort' ? ofPort(test, argument) : ofAddress(test, argument)
  }
  if (as !== 'text') return 'the kernel cannot decide it exactly'
  const found = textOf(test)
  return typeof found === 'string' ? found : ofText(found, argument, negated)
}

interface Comparison {
  readonly operator: TextOperator
  readonly value: string
  readonly ignoresCase: boolean
}

function textOf(test: Test): Comparison | string {
  if (test.kind === 'regexp') return 'regular expressions are not evaluated in the kernel'
  if (test.kind !== 'text') return 'the kernel only compares texts'
  const found = imageAnchor(test.text)
  if (found === undefined) return 'wildcards inside of a value are not evaluated in the kernel'
  const { text: value, anchor } = found
  if (!/^[\x20-\x7e]+$/.test(value)) return 'the kernel compares ASCII only'
  const operator = operators[anchor]
  if (value.length > longest[operator]) return `it is longer than ${longest[operator]} bytes`
  const ignoresCase = !test.cased && /[a-z]/i.test(value)
  if (ignoresCase && operator !== 'SubString') {
    return 'paths differ in case, and the kernel regards it: add the modifier cased'
  }
  return { operator, value, ignoresCase }
}

function ofText(found: Comparison, argument: number, negated: boolean): ExactTests {
  const { operator, value, ignoresCase } = found
  if (!negated) {
    return [[{ argument, operator: ignoresCase ? 'SubStringIgnCase' : operator, values: [value] }]]
  }
  if (operator === 'SubString') return 'the kernel has no negation of contains'
  return [[{ argument, operator: `Not${operator}`, values: [value] }]]
}

/**
 * The path of an entry in a folder: that of the folder is complete, that of the entry begins at its
 * mount, so that its last part is certain.
 */
function inFolder(
  test: Test,
  { folder, file }: { readonly folder: number; readonly file: number },
  negated: boolean,
): ExactTests {
  const found = textOf(test)
  if (typeof found === 'string') return found
  const { operator, value } = found
  const slash = value.lastIndexOf('/')
  const not = negated ? 'Not' : ''
  if (operator === 'Postfix') {
    if (slash > 0) return 'the end of a removed path may have its last part only'
    return [[{ argument: file, operator: `${not}Postfix`, values: [value] }]]
  }
  if (operator === 'SubString') return 'the path of what is removed is in two arguments'
  const isInFolder = {
    argument: folder,
    operator: `${not}Equal`,
    values: [value.slice(0, slash) || '/'],
  }
  if (slash < 0) return 'paths begin with /'
  if (operator === 'Equal') {
    const isEntry = { argument: file, operator: `${not}Postfix`, values: [value.slice(slash)] }
    return negated ? [[isInFolder], [isEntry]] : [[isInFolder, isEntry]]
  }
  if (slash < value.length - 1) return 'the start of a removed path must end with /'
  const isBelow = { argument: folder, operator: `${not}Prefix`, values: [value] }
  return negated ? [[isInFolder, isBelow]] : [[isInFolder], [isBelow]]
}

function ofPort(test: Test, argument: number): ExactTests {
  const value = test.kind === 'text' ? plainText(test.text) : undefined
  const port = test.kind === 'number' && test.comparison === 'eq' ? String(test.number) : value
  const isPort = port !== undefined && /^(?:0|[1-9]\d{0,4})$/.test(port) && Number(port) <= 0xffff
  return isPort ? [[{ argument, operator: 'SPort', values: [port] }]] : 'it must be a single port'
}

function ofAddress(test: Test, argument: number): ExactTests {
  const address = test.kind === 'text' ? plainText(test.text) : undefined
  const network = test.kind === 'network' ? test.written : undefined
  const value = network ?? (address && /^\d+(?:\.\d+){3}$/.test(address) ? address : undefined)
  if (value === undefined) return 'it must be an IPv4 address, or a network with cidr'
  return [[{ argument, operator: 'SAddr', values: [value] }]]
}
