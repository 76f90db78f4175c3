import { isPlace } from './assemble.ts'
import { jump, jumpLong } from './branch.ts'
import { type Instruction, type Item, type Label, label, place } from './instruction.ts'
import { Class, Jump, WIDE_LOAD } from './opcode.ts'

/** Slots that a jump with 16 bits can skip. */
const reach = 32767
/** Slots of a condition with its long jump, in place of one. */
const lengthenedSlots = 3

/**
 * Replaces jumps to labels that are too far for 16 bits: the program can be of any size. A
 * condition then jumps to a long jump behind it. Kernel 6.6.
 */
export function withLongJumps(items: readonly Item[]): readonly Item[] {
  // No item has more than two slots.
  if (items.length <= reach / 2) return items
  const distances = distancesOf(items)
  const longest = distances.reduce((most, distance) => Math.max(most, distance), 0)
  if (longest <= reach) return items
  // Insertions make other jumps longer, at most by this factor.
  const short = Math.floor(reach / lengthenedSlots)
  return items.flatMap((item, i) =>
    !isPlace(item) && distances[i] > short ? lengthened(item) : item,
  )
}

/** Slots between each jump with 16 bits and its label; 0 for all other items. */
function distancesOf(items: readonly Item[]): readonly number[] {
  const slots = new Map<Label, number>()
  const positions: number[] = []
  let slot = 0
  for (const item of items) {
    positions.push(slot)
    if (isPlace(item)) slots.set(item.place, slot)
    else slot += item.code === WIDE_LOAD ? 2 : 1
  }
  return items.map((item, i) => {
    if (isPlace(item) || !item.target || !isShortJump(item)) return 0
    return Math.abs((slots.get(item.target) ?? positions[i] + 1) - positions[i] - 1)
  })
}

function isShortJump({ code }: Instruction): boolean {
  const kind = code & 7
  const operation = code & 0xf0
  if (kind === Class.JMP) return operation !== Jump.CALL && operation !== Jump.EXIT
  return kind === Class.JMP32 && operation !== Jump.JA
}

function lengthened(short: Instruction): Item[] {
  const { code, target, note, position } = short
  if (!target) return [short]
  const long = { ...jumpLong(target), note, position }
  if (code === (Class.JMP | Jump.JA)) return [long]
  const [far, past] = [label(target.name), label('past')]
  return [
    { ...short, target: far },
    { ...jump(past), note, position },
    place(far),
    long,
    place(past),
  ]
}
