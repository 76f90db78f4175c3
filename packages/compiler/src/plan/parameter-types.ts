import type { Btf } from '@tetragon-ts/ebpf/btf'
import type { Argument, Hook, UserHook } from '@tetragon-ts/policy'
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
