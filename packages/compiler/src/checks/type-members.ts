import type { Btf } from '@tetragon-ts/ebpf/btf'
import {
  type Argument,
  type ArgumentTypeName,
  CelError,
  type Diagnostic,
  type ExpressionMatch,
  type Hook,
  inExpression,
  type PolicyDocument,
  retypeExpression,
} from '@tetragon-ts/policy'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import { type BadPath, findMembers, memberNames, type PathStep } from '../plan/member-path.ts'
import { startType } from '../plan/parameter-types.ts'

/** Gives members that expressions name the types that the kernel has for them. */
export function typeMembers(
  hook: Hook,
  document: PolicyDocument,
  kernel: KernelView,
): { hook: Hook; found: readonly Diagnostic[] } {
  if (!hook.data.some(({ named }) => named)) return { hook, found: [] }
  const found: Diagnostic[] = []
  const data = hook.data.map((argument) => {
    const { named } = argument
    if (!named) return argument
    const type = typeOf(argument, hook, kernel)
    if (typeof type === 'string') return { ...argument, type }
    const { message, allowed, given, step = -1 } = type
    // Members before those that the expression names are those of the argument's `resolve`.
    const own = step + named.offsets.length - argument.resolve.length
    const within = named.offsets[Math.max(0, own)]
    const suggested = given === undefined ? {} : { given }
    const details = { within, ...(allowed && { allowed, ...suggested }) }
    const text = inExpression(within, message)
    found.push(document.diagnose(named.path, 'POLICY_EXPRESSION', text, details))
    return argument
  })
  const typed = { ...hook, data }
  if (found.length > 0) return { hook: typed, found }
  const retype = (match: ExpressionMatch): ExpressionMatch => {
    try {
      return retypeExpression(match, typed)
    } catch (error) {
      if (!(error instanceof CelError)) throw error
      const { offset: within, message } = error
      const text = inExpression(within, message)
      found.push(document.diagnose(`${match.path}.expr`, 'POLICY_EXPRESSION', text, { within }))
      return match
    }
  }
  const selectors = hook.selectors.map((selector) => ({
    ...selector,
    expressions: selector.expressions.map(retype),
  }))
  return { hook: { ...typed, selectors }, found }
}

function typeOf(argument: Argument, hook: Hook, { btf }: KernelView): ArgumentTypeName | BadPath {
  const start = startType(btf, hook, argument)
  const name = argument.label.slice(0, argument.label.search(/[.[]/))
  if (!start) return { message: `the type of ${name} is unknown: set its btfType` }
  if ('message' in start) return start
  const path = findMembers(start.btf, start.typeId, argument.resolve)
  if ('message' in path) return path
  const last = path.steps.length - 1
  const type = typeOfMember(path.btf, path.steps[last])
  return typeof type === 'string' ? type : { ...type, step: last }
}

/** The type that a member is read as: a number, or a text. */
function typeOfMember(btf: Btf, { typeId, bits }: PathStep): ArgumentTypeName | BadPath {
  const type = btf.type(typeId)
  if (bits) return number(btf.sizeOf(typeId), false)
  switch (type.kind) {
    case 'int':
    case 'enum':
    case 'enum64':
      return number(type.size, type.signed)
    case 'array':
      if (isCharacter(btf, type.elementTypeId)) return 'string'
      return { message: `${btf.describe(typeId)} has several values: name one as [0]` }
    case 'ptr':
      return isCharacter(btf, type.typeId) ? 'string' : 'uint64'
    case 'struct':
    case 'union':
      if ([1, 2, 4, 8].includes(type.size)) return number(type.size, false)
      return {
        message: `${btf.describe(typeId)} is not a number or text: name one of its members`,
        allowed: memberNames(btf, typeId),
      }
    default:
      return { message: `${btf.describe(typeId)} is not a number or text` }
  }
}

function number(size: number, signed: boolean): ArgumentTypeName {
  if (size === 8) return signed ? 'int64' : 'uint64'
  return signed ? 'int32' : 'uint32'
}

function isCharacter(btf: Btf, typeId: number): boolean {
  const type = btf.type(btf.resolve(typeId))
  return type.kind === 'int' && type.size === 1 && type.name !== '_Bool'
}
