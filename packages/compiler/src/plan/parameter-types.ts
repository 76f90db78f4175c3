import type { Btf } from '@tetragon-ts/ebpf/btf'
import type { Argument, Hook, UserHook } from '@tetragon-ts/policy'
import type { ExpectedType } from '../arguments/argument-type.ts'
import { sectionOf } from '../sections/index.ts'
import type { ParameterType } from '../sections/section.ts'
import { userTypes } from '../user-probes/index.ts'
import type { BadPath } from './member-path.ts'

/** The parameters of a hook's function; undefined if unknown. */
export function parameterTypes(btf: Btf, hook: Hook): readonly ParameterType[] | undefined {
  return hook.list === undefined ? sectionOf(hook).parameters(hook, btf) : undefined
}

/** The parameter with the length of a socket's address, which comes right after it. */
function addressLength(btf: Btf, hook: Hook, { index }: Argument): number | undefined {
  const next = parameterTypes(btf, hook)?.[index + 1]
  return next && /addr_?len/.test(next.name) ? index + 1 : undefined
}

/** The parameter with the length of an argument, specified by the policy or found. */
export function lengthIndex(btf: Btf, hook: Hook, argument: Argument): number | undefined {
  const { type, sizeIndex } = argument
  if (type !== 'sockaddr_un' || sizeIndex !== undefined) return sizeIndex
  return addressLength(btf, hook, argument)
}

/** A type to resolve members of, or to compare with. */
export interface StartType {
  readonly btf: Btf
  readonly typeId: number
}

/**
 * The type of which an argument's members are resolved: the one that it specifies, or the
 * parameter's. Undefined if unknown.
 */
export function startType(
  btf: Btf,
  hook: Hook,
  argument: Argument,
): StartType | BadPath | undefined {
  const { btfType, btfTypeModule, source, index } = argument
  if (hook.user && source === undefined) return userType(hook.user, btfType)
  if (btfType !== undefined) {
    let types = btf
    if (btfTypeModule !== undefined) {
      try {
        types = btf.module(btfTypeModule)
      } catch (error) {
        return { message: `the types of module ${btfTypeModule} cannot be read: ${reason(error)}` }
      }
    }
    const typeId = types.find(btfType, ['struct', 'union', 'typedef'])
    if (typeId !== undefined) return { btf: types, typeId }
    const where = btfTypeModule === undefined ? 'the kernel' : `module ${btfTypeModule}`
    return { message: `no structure ${btfType} in ${where}` }
  }
  if (source === 'current_task') {
    const typeId = btf.find('task_struct', 'struct')
    return typeId === undefined ? undefined : { btf, typeId }
  }
  if (source !== undefined) return undefined
  const isResult = hook.returnArg === argument
  const typeId = isResult ? resultType(btf, hook) : parameterTypes(btf, hook)?.[index]?.typeId
  return typeId === undefined ? undefined : { btf, typeId }
}

/** A structure of a program of user space. */
function userType(user: UserHook, btfType: string | undefined): StartType | BadPath | undefined {
  if (btfType === undefined) return undefined
  const btf = userTypes(user)
  if (!btf) return { message: `no types for ${btfType}: set btfPath` }
  const typeId = btf.find(btfType, ['struct', 'union', 'typedef'])
  const where = user.btfFile ?? user.file
  return typeId === undefined ? { message: `no structure ${btfType} in ${where}` } : { btf, typeId }
}

function resultType(btf: Btf, hook: Hook): number | undefined {
  return hook.list === undefined ? sectionOf(hook).resultType(hook, btf) : undefined
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

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
