import { type ArgumentTypeName, argumentTypeFacts } from './argument-facts.ts'
import { BadValue } from './bad-value.ts'
import { parseNumber, readEqual } from './numbers.ts'
import type { Operator, OperatorFamily, TestOf } from './operator.ts'
import { readText } from './text.ts'

/** Values to compare with: numbers or strings, by the type of the argument. */
export interface EqualityTests {
  equal: { readonly values: readonly bigint[] }
  'equal-string': {
    readonly strings: readonly Uint8Array[]
    /** Paths of the host whose files are compared, instead of paths. */
    readonly files?: readonly string[]
  }
}

/** Marks a value that stands for the file at a path, whatever path leads to it. */
const inodePrefix = 'inode:'

/** The path of such a value; undefined for other values. */
function readFile(text: string, type: ArgumentTypeName): string | BadValue | undefined {
  const { kind, hasInode } = argumentTypeFacts[type]
  // A buffer may have any bytes; an unknown type is read again when it is known.
  if (!text.startsWith(inodePrefix) || kind === 'unknown' || type === 'char_buf') return undefined
  if (!hasInode) return text.startsWith(`${inodePrefix}/`) ? noInode(type) : undefined
  const path = text.slice(inodePrefix.length)
  if (normalPath.test(path)) return path
  return new BadValue(
    `${inodePrefix} needs an absolute path without . and .. and without / at its end`,
  )
}

const normalPath = /^\/(?:(?!\.\.?(?:\/|$))[^/]+(?:\/(?!\.\.?(?:\/|$))[^/]+)*)?$/

function noInode(type: ArgumentTypeName): BadValue {
  return new BadValue(`an argument of type ${type} cannot be compared with the file at a path`)
}

/** A string, or the path of a file. */
function readStringOrFile(
  text: string,
  type: ArgumentTypeName,
): { readonly string: Uint8Array } | { readonly file: string } | BadValue {
  const file = readFile(text, type)
  if (file instanceof BadValue) return file
  return file === undefined ? { string: readText(text, type) } : { file }
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
    values: 'numbers, strings; sets also as `CAP_A,CAP_B`, files also as `inode:/PATH`',
    meaning: 'The argument is one of the values. Trailing zero bytes of strings are ignored.',
  },
  read({ type, texts, all }): TestOf<EqualityTests> {
    if (isNumeric(type, texts)) {
      return { operator: 'equal', values: all((text) => readEqual(text, type)) }
    }
    const values = all((text) => readStringOrFile(text, type))
    const strings = values.flatMap((value) => ('string' in value ? [value.string] : []))
    const files = values.flatMap((value) => ('file' in value ? [value.file] : []))
    return { operator: 'equal-string', strings, ...(files.length > 0 && { files }) }
  },
} satisfies Operator

export const equalityOperators = {
  Equal: { ...equal, crdPosition: 1 },
  NotEqual: { ...equal, negated: true, crdPosition: 2 },
} satisfies OperatorFamily<EqualityTests>
