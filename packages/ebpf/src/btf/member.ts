import { HEAD_WORDS, memberBits } from './decode.ts'
import { describeType } from './describe.ts'
import { BtfError, BtfMemberError } from './error.ts'
import type { BtfImage } from './image.ts'
import { KIND } from './kind.ts'
import { resolveType, sizeOfType } from './layout.ts'
import { nameBytes } from './text.ts'
import type { Member } from './type.ts'

/** Anonymous types in one struct that are looked through; only broken BTF has more. */
const MAX_NESTED = 1000

/** Where a path of members leads to. */
export interface MemberLocation {
  /** From the start of the struct that the path starts at. */
  readonly bitOffset: number
  /** Width of a bit field, 0 when it is none. */
  readonly bitSize: number
  readonly typeId: number
}

/**
 * The member of a struct or union, also when it is in an anonymous struct or union in it;
 * undefined when there is none, or the type is neither.
 */
export function findMember(image: BtfImage, structId: number, name: string): Member | undefined {
  if (name === '') return undefined
  const wanted = nameBytes(name)
  return search(image, resolveType(image, structId), name, wanted, 0, new Set())
}

function search(
  image: BtfImage,
  id: number,
  name: string,
  wanted: Uint8Array,
  base: number,
  seen: Set<number>,
): Member | undefined {
  const kind = image.kind(id)
  // An anonymous type that did not have it once will not have it: also ends cycles.
  if ((kind !== KIND.struct && kind !== KIND.union) || seen.has(id)) return undefined
  seen.add(id)
  if (seen.size > MAX_NESTED) {
    throw new BtfError('EBPF_BTF_CYCLE', `look up member ${name}: too many anonymous structs`)
  }
  const count = image.entries(id)
  let anonymous = false
  for (let index = 0; index < count; index++) {
    const nameOffset = image.word(id, HEAD_WORDS + index * 3)
    if (nameOffset === 0) anonymous = true
    else if (image.stringIs(nameOffset, wanted)) {
      const { bitOffset, bitSize } = memberBits(image, id, index)
      const typeId = image.word(id, HEAD_WORDS + index * 3 + 1)
      return { name, typeId, bitOffset: base + bitOffset, bitSize }
    }
  }
  for (let index = 0; anonymous && index < count; index++) {
    if (image.word(id, HEAD_WORDS + index * 3) !== 0) continue
    const inner = resolveType(image, image.word(id, HEAD_WORDS + index * 3 + 1))
    const start = base + memberBits(image, id, index).bitOffset
    const found = search(image, inner, name, wanted, start, seen)
    if (found) return found
  }
  return undefined
}

/**
 * Follows a path such as `__sk_common.skc_daddr` or `comm[3]` through embedded structs and
 * arrays. Errors: BtfMemberError (EBPF_BTF_NO_MEMBER) with the struct and the member that is
 * missing, also where the path would cross a pointer; EBPF_BTF_BAD_PATH for bad syntax.
 */
export function findMemberPath(image: BtfImage, structId: number, path: string): MemberLocation {
  let place: MemberLocation = { bitOffset: 0, bitSize: 0, typeId: structId }
  for (const step of parsePath(path)) {
    const id = resolveType(image, place.typeId)
    const next = typeof step === 'string' ? findMember(image, id, step) : element(image, id, step)
    if (!next) throw missing(image, path, id, step)
    place = {
      bitOffset: place.bitOffset + next.bitOffset,
      bitSize: next.bitSize,
      typeId: next.typeId,
    }
  }
  return place
}

function element(image: BtfImage, id: number, index: number): MemberLocation | undefined {
  if (image.kind(id) !== KIND.array) return undefined
  const length = image.word(id, HEAD_WORDS + 2)
  // A flexible array says 0 and continues after the struct.
  if (length !== 0 && index >= length) return undefined
  const typeId = image.word(id, HEAD_WORDS)
  return { bitOffset: index * sizeOfType(image, typeId) * 8, bitSize: 0, typeId }
}

const STEP = /(?:^|\.)([A-Za-z_]\w*)|\[(\d{1,9})\]/y

function parsePath(path: string): (string | number)[] {
  const steps: (string | number)[] = []
  STEP.lastIndex = 0
  let end = 0
  while (end < path.length) {
    const match = STEP.exec(path)
    if (!match) break
    steps.push(match[1] ?? Number(match[2]))
    end = STEP.lastIndex
  }
  if (steps.length === 0 || end !== path.length) {
    throw new BtfError(
      'EBPF_BTF_BAD_PATH',
      `parse member path '${path}': expected names with '.' between them and '[number]'`,
    )
  }
  return steps
}

function missing(image: BtfImage, path: string, id: number, step: string | number): BtfMemberError {
  const struct = describeType(image, id)
  const member = typeof step === 'string' ? step : `[${step}]`
  const kind = image.kind(id)
  let cause = `${struct} has no member ${member}`
  if (kind === KIND.ptr) cause = `${member} is behind a pointer, ${struct}`
  else if (typeof step === 'number') cause = `${struct} has no element ${member}`
  return new BtfMemberError(path, struct, member, cause)
}
