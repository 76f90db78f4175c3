import type { Int } from '@tetragon-ts/ebpf/lang'
import type { Argument } from '@tetragon-ts/policy'
import { sizeOfBuffer } from '../arguments/char-buf.ts'
import { argumentType } from '../arguments/index.ts'
import type { Hit } from '../hook/hit.ts'

/** Structures that arguments are read from are at most this long, unless their type says more. */
const structureMax = 32

/** Makes the memory at an address resident that an argument is read from. */
export function touchMemory(hit: Hit, address: Int, argument: Argument): void {
  const { readsUserMemory, tailMax, bytesAtAddress } = argumentType(argument.type)
  if (!hit.inUserSpace || !hit.faultsIn || !readsUserMemory) return
  const length = bytesAtAddress ?? (tailMax || structureMax)
  touch(hit, address)
  // The bytes read are at most as long as a page: they are in at most two.
  const isSized = argument.sizeIndex !== undefined
  touch(hit, address.add(isSized ? lastByte(hit, argument, length) : length - 1))
}

function lastByte(hit: Hit, argument: Argument, most: number): Int {
  const { k } = hit
  const last = k.variable(sizeOfBuffer(hit, argument))
  k.when(last.gt(most), () => last.set(most))
  return last.sub(1)
}

/** Reads a byte. A failure is found again when the value is read. */
function touch({ k }: Hit, address: Int): void {
  k.call('copy_from_user', k.stackBytes(8), 1, address)
}
