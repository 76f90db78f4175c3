import type { Int } from '@tetragon-ts/ebpf/lang'
import type { Argument } from '@tetragon-ts/policy'
import { sizeOfBuffer } from '../arguments/char-buf.ts'
import { argumentType } from '../arguments/index.ts'
import type { Hit } from '../hook/hit.ts'
import type { ValueName } from '../plan/hook-record.ts'
import type { ReadArguments } from './read-arguments.ts'

/** Structures that arguments are read from are at most this long, unless their type says more. */
const structureMax = 32

/**
 * Reads values whose memory may not be resident, before the program borrows what others need: it
 * waits for a page as long as the process wishes (userfaultfd, FUSE).
 */
export function faultIn(hit: Hit, reads: ReadArguments, names: readonly ValueName[]): void {
  if (hit.faultsIn) for (const name of names) reads.value(name)
}

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
