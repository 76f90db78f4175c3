import { isPlace } from './assemble.ts'
import { jump, jumpLong } from './branch.ts'
import { type Instruction, type Item, type Label, label, place } from './instruction.ts'
import { Class, Jump, WIDE_LOAD } from './opcode.ts'

/** Slots that a jump with 16 bits can skip. */
const reach = 32767

/**
 * Replaces jumps to labels that are too far for 16 bits: the program can be of any size. A
 * condition then jumps to a long jump behind it. Kernel 6.6.
 */
export function withLongJumps(items: readonly Item[]): readonly Item[] {
  // What is inserted can make further jumps too long.
  for (let all = items; ; ) {
    const far = farJumps(all)
    if (far.size === 0) return all
    all = all.flatMap((item) => (!isPlace(item) && far.has(item) ? lengthened(item) : item))
  }
}

function farJumps(items: readonly Item[]): ReadonlySet<Instruction> {
  const slots = new Map<Label, number>()
  let slot = 0
  for (const item of items) {
    if (isPlace(item)) slots.set(item.place, slot)
    else slot += item.code === WIDE_LOAD ? 2 : 1
  }
  const far = new Set<Instruction>()
  if (slot <= reach) return far
  slot = 0
  for (const item of items) {
    if (isPlace(item)) continue
    const to = item.target && isShortJump(item) ? slots.get(item.target) : undefined
    if (to !== undefined && Math.abs(to - slot - 1) > reach) far.add(item)
    slot += item.code === WIDE_LOAD ? 2 : 1
  }
  return far
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
