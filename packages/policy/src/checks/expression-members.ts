import type { HookContext } from '../arguments/hook-context.ts'
import { CelError } from '../cel/conditions/syntax.ts'
import type { CelMembers, CelPosition } from '../cel/conditions/type-check.ts'

/** A hook reads at most this many values, and each is looked for in this list. */
const membersMax = 64

/**
 * The position of a member that an expression names: members are read like items of `data`, and
 * follow these. Their type is that of the kernel, which is not known here.
 * @param path of the expression
 * @throws CelError if the argument can have no members
 */
export function memberPosition(
  { list, position, text, steps, offsets }: CelMembers,
  path: string,
  { section, args, data, members, unreliable }: HookContext,
): CelPosition {
  const [offset] = offsets
  const declared = list === 'args' ? args : data
  const of = declared[position]
  if (of === undefined) {
    const name = list === 'args' ? 'arg' : 'data'
    throw new CelError(
      offset,
      `no ${name}${position}: the list has ${declared.length}, counted from 0`,
    )
  }
  if (unreliable.has(of)) return { list, position }
  if (section === 'usdts') throw new CelError(offset, 'members cannot be read in usdts')
  if (of.returnCopy) {
    throw new CelError(offset, 'the argument has returnCopy: its members are not read at the entry')
  }
  const known = members.findIndex(({ label }) => label === text)
  if (known >= 0) return { list: 'data', position: data.length + known }
  if (members.length === membersMax) {
    throw new CelError(offset, `a hook can have ${membersMax} members in expressions`)
  }
  const { index, btfType, btfTypeModule, source } = of
  members.push({
    path,
    index,
    type: 'auto',
    resolve: [...of.resolve, ...steps],
    ...(btfType === undefined ? {} : { btfType }),
    ...(btfTypeModule === undefined ? {} : { btfTypeModule }),
    returnCopy: false,
    maxData: false,
    label: text,
    ...(source === undefined ? {} : { source }),
    named: { path, offsets },
  })
  return { list: 'data', position: data.length + members.length - 1 }
}
