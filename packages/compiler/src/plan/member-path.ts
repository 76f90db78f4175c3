import type { Btf } from '@tetragon-ts/ebpf/btf'

/** A step of a member path, relative to the end of the previous step. */
export interface PathStep {
  /** A member's name, or the number of an element. */
  readonly step: string | number
  /** Whether the previous step ended at a pointer, which is dereferenced. */
  readonly throughPointer: boolean
  /** Offset in bytes from there. */
  readonly offset: number
  /** Type at the end of the step, without typedefs and qualifiers. */
  readonly typeId: number
  /** For a bit field, its position in the integer at `offset`. */
  readonly bits?: { readonly shift: number; readonly width: number }
}

/** Why a member path is invalid. */
export interface BadPath {
  readonly message: string
  /** The existing members, and the requested one. */
  readonly allowed?: readonly string[]
  readonly given?: string
  /** The step that is wrong. */
  readonly step?: number
}

/** A resolved member path. */
export interface MemberPath {
  readonly btf: Btf
  /** The structure of the first step. */
  readonly structId: number
  readonly steps: readonly PathStep[]
}

/**
 * Resolves a member path. An index at its start selects an element of the array that starts at the
 * address of the argument.
 * @param typeId a structure, or a pointer to one
 */
export function findMembers(
  btf: Btf,
  typeId: number,
  steps: readonly (string | number)[],
): MemberPath | BadPath {
  const found: PathStep[] = []
  let structId = btf.resolve(typeId)
  const start = btf.type(structId)
  if (start.kind === 'ptr') structId = btf.resolve(start.typeId)
  let current = structId
  for (const step of steps) {
    const type = btf.type(current)
    const isFirst = found.length === 0
    const throughPointer = !isFirst && type.kind === 'ptr'
    const from = type.kind === 'ptr' && throughPointer ? btf.resolve(type.typeId) : current
    const next =
      typeof step === 'string'
        ? memberStep(btf, from, step, throughPointer)
        : elementStep(btf, from, step, { throughPointer, isPointee: throughPointer || isFirst })
    if ('message' in next) return { ...next, step: found.length }
    found.push(next)
    current = next.typeId
  }
  return { btf, structId, steps: found }
}

function memberStep(
  btf: Btf,
  from: number,
  step: string,
  throughPointer: boolean,
): PathStep | BadPath {
  const { kind } = btf.type(from)
  if (kind !== 'struct' && kind !== 'union') {
    return { message: `${btf.describe(from)} has no members: ${step} cannot be followed` }
  }
  const member = btf.member(from, step)
  if (!member) {
    const allowed = memberNames(btf, from)
    return { message: `${btf.describe(from)} has no member ${step}`, allowed, given: step }
  }
  const typeId = btf.resolve(member.typeId)
  const place = { step, throughPointer, typeId }
  if (member.bitSize === 0) return { ...place, offset: member.bitOffset >>> 3 }
  const unit = btf.sizeOf(typeId) * 8
  const first = Math.floor(member.bitOffset / unit) * unit
  const bits = { shift: member.bitOffset - first, width: member.bitSize }
  return { ...place, offset: first >>> 3, bits }
}

function elementStep(
  btf: Btf,
  from: number,
  step: number,
  { throughPointer, isPointee }: { throughPointer: boolean; isPointee: boolean },
): PathStep | BadPath {
  const type = btf.type(from)
  if (type.kind === 'array') {
    const { length, elementTypeId } = type
    if (length > 0 && step >= length) {
      return { message: `[${step}] is beyond the ${length} elements of ${btf.describe(from)}` }
    }
    const offset = step * btf.sizeOf(elementTypeId)
    return { step, throughPointer, offset, typeId: btf.resolve(elementTypeId) }
  }
  // A pointer to the first of several elements.
  if (isPointee && type.kind !== 'void' && type.kind !== 'fwd' && type.kind !== 'funcProto') {
    return { step, throughPointer, offset: step * btf.sizeOf(from), typeId: from }
  }
  return { message: `${btf.describe(from)} has no elements: [${step}] cannot be followed` }
}

/** Members by name, including those of anonymous structures. */
export function memberNames(btf: Btf, structId: number): string[] {
  const type = btf.type(structId)
  if (type.kind !== 'struct' && type.kind !== 'union') return []
  return type.members.flatMap(({ name, typeId }) =>
    name === '' ? memberNames(btf, btf.resolve(typeId)) : [name],
  )
}
