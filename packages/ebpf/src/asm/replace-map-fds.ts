import { SLOT_SIZE } from './assemble.ts'
import { PseudoLoad, WIDE_LOAD } from './opcode.ts'

/**
 * A copy of a program's code that refers to other maps.
 * @param code as the kernel takes it
 * @param replaced new descriptors by old ones; all else stays as it is
 */
export function replaceMapFds(code: Uint8Array, replaced: ReadonlyMap<number, number>): Uint8Array {
  const copy = code.slice()
  const view = new DataView(copy.buffer)
  for (let at = 0; at < copy.length; at += SLOT_SIZE) {
    if (copy[at] !== WIDE_LOAD) continue
    const meaning = copy[at + 1] >>> 4
    const fd = replaced.get(view.getInt32(at + 4, true))
    const isMap = meaning === PseudoLoad.MAP_FD || meaning === PseudoLoad.MAP_VALUE
    if (isMap && fd !== undefined) view.setInt32(at + 4, fd, true)
    at += SLOT_SIZE // the second slot holds the upper half of the value
  }
  return copy
}
