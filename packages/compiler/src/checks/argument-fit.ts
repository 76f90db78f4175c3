import type { Btf } from '@tetragon-ts/ebpf/btf'
import type { ExpectedType } from '../arguments/argument-type.ts'

/**
 * Whether a value of a kernel type can be read as an argument type expects: it fits, it does not,
 * or the type is too vague (`void *`, an integer that may hold an address).
 */
export type Fit = 'fits' | 'unclear' | 'misfit'

const pointerSize = 8

/** How well a value of a kernel type, given by its BTF id, can be read as expected. */
export function fit(btf: Btf, typeId: number, expected: ExpectedType): Fit {
  const id = btf.resolve(typeId)
  const type = btf.type(id)
  if (expected.kind === 'anything') return 'fits'
  switch (type.kind) {
    case 'int':
    case 'enum':
    case 'enum64':
      if (expected.kind === 'number') return 'fits'
      return type.size === pointerSize ? 'unclear' : 'misfit'
    case 'ptr':
      if (expected.kind === 'number') return expected.bits === 64 ? 'fits' : 'misfit'
      return expected.kind === 'bytes' ? 'fits' : targetFit(btf, type.typeId, expected.names)
    case 'array':
      return expected.kind === 'bytes' ? 'fits' : 'misfit'
    case 'struct':
    case 'union':
      if (expected.kind === 'number') return [1, 2, 4, 8].includes(type.size) ? 'fits' : 'misfit'
      return expected.kind === 'bytes' ? 'fits' : structFit(btf, id, expected.names)
    default:
      return 'unclear'
  }
}

function targetFit(btf: Btf, typeId: number, names: readonly string[]): Fit {
  const id = btf.resolve(typeId)
  const { kind } = btf.type(id)
  if (kind === 'void' || kind === 'fwd')
    return kind === 'void' ? 'unclear' : namedFit(btf, id, names)
  return kind === 'struct' || kind === 'union' ? structFit(btf, id, names) : 'misfit'
}

function namedFit(btf: Btf, id: number, names: readonly string[]): Fit {
  const type = btf.type(id)
  return 'name' in type && names.includes(type.name) ? 'fits' : 'misfit'
}

/** A structure that starts with an expected one is accepted: a tcp_sock starts with its sock. */
function structFit(btf: Btf, id: number, names: readonly string[]): Fit {
  const type = btf.type(id)
  if (type.kind !== 'struct' && type.kind !== 'union') return 'misfit'
  if (names.includes(type.name)) return 'fits'
  const first = type.members.find(({ bitOffset }) => bitOffset === 0)
  return first ? structFit(btf, btf.resolve(first.typeId), names) : 'misfit'
}

/** The same for a parameter of a system call, whose type is only known as text. */
export function fitOfText(text: string, expected: ExpectedType): Fit {
  const isPointer = text.endsWith('*')
  switch (expected.kind) {
    case 'number':
      return isPointer && expected.bits < 64 ? 'misfit' : 'fits'
    case 'structure':
      // User space has no kernel structures; others are passed by address.
      return expected.fixed && (isPointer || !isInteger(text)) ? 'fits' : 'misfit'
    case 'bytes':
      return isInteger(text) ? 'misfit' : 'fits'
    case 'anything':
      return 'fits'
  }
}

/** Typedefs may be anything; these are numbers too short for an address. */
function isInteger(text: string): boolean {
  return /^(const )?(unsigned )?(int|short|char)$|^(pid_t|uid_t|gid_t|umode_t)$/.test(text)
}

/** Describes the expected type in an error. */
export function describeExpected(expected: ExpectedType): string {
  switch (expected.kind) {
    case 'number':
      return `a number of ${expected.bits} bits`
    case 'bytes':
      return 'an address'
    case 'structure':
      return `a struct ${expected.names[0]}`
    case 'anything':
      return 'anything'
  }
}
