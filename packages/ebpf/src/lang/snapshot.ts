import type { Builder } from './builder.ts'
import { Bytes } from './bytes.ts'
import { callHelper } from './helper-call.ts'
import type { Int } from './int.ts'
import { type Layout, type Member, sizeOfMember } from './layout.ts'
import { makePointer, type Ptr } from './pointer.ts'

/** A member that a program cannot do without. @throws LanguageError if this kernel lacks it */
export function requiredMember(builder: Builder, layout: Layout, name: string): Member {
  const member = layout.member(name)
  return member ?? builder.fail(`${layout.name} has no field ${name} on this kernel`)
}

/**
 * Copies the range of a kernel structure that holds these members to the stack, in one read;
 * where reads are cheap nothing is copied.
 */
export function snapshotMembers<T>(
  builder: Builder,
  layout: Layout,
  address: Int,
  names: readonly string[],
): Ptr<T> {
  if (builder.directRead) {
    const place = { builder, base: address.register, offset: 0, layout, nullable: false }
    return makePointer<T>({ ...place, space: 'kernel' })
  }
  const members = names.map((name) => requiredMember(builder, layout, name))
  const first = Math.min(...members.map(({ offset }) => offset)) & ~7
  const end = Math.max(...members.map(({ offset, type }) => offset + sizeOfMember(type)))
  const slot = builder.slot(end - first)
  const from = address.add(first)
  callHelper(builder, 'probe_read_kernel', [new Bytes(builder, slot), end - first, from])
  const place = { builder, base: slot, offset: -first, layout, nullable: false }
  return makePointer<T>({ ...place, space: 'direct' })
}
