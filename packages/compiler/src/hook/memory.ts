import type { Bytes, Code, Condition, Int } from '@tetragon-ts/ebpf/lang'
import type { Hit } from './hit.ts'

/** Kernel addresses are negative as signed numbers, user addresses are not. */
function isKernelAddress(address: Int): Condition {
  return address.signedLt(0)
}

/** 1 if a helper returned an error, else 0; without a branch. */
export function isError(result: Int): Int {
  return result.shiftRight(63)
}

/**
 * Copies kernel or user memory, depending on the address; for a hook in user space always user
 * memory: its process must not choose what events show of the kernel. After a fault the destination
 * is zeroed.
 * @returns 0 or a negative error number
 */
export function readAny({ k, inUserSpace }: Hit, to: Bytes, size: Int | number, from: Int): Int {
  if (inUserSpace) return k.readUser(to, size, from)
  const result = k.variable(0)
  k.when(
    isKernelAddress(from),
    () => result.set(k.readKernel(to, size, from)),
    () => result.set(k.readUser(to, size, from)),
  )
  return result
}

/** The same, where the program may wait for memory of user space that is not resident. */
export function readOrWait(hit: Hit, to: Bytes, size: Int | number, from: Int): Int {
  if (!hit.inUserSpace || !hit.faultsIn) return readAny(hit, to, size, from)
  return hit.k.call('copy_from_user', to, size, from)
}

/** Copies a zero-terminated string of the kernel. @returns its length without the zero */
export function readKernelText(k: Code, to: Bytes, max: number, from: Int): Int {
  return lengthOf(k.readKernelString(to, max, from))
}

/**
 * Copies a zero-terminated string from kernel or user memory.
 * @param max size of the destination, at most 4096 bytes; longer strings are truncated
 * @returns its length without the zero, and whether it could not be read
 */
export function readString(
  { k, inUserSpace }: Hit,
  to: Bytes,
  max: number,
  from: Int,
): { readonly length: Int; readonly failed: Int } {
  const copied = k.variable(0)
  const fromUser = () => copied.set(k.call('probe_read_user_str', to, max, from))
  if (inUserSpace) fromUser()
  else k.when(isKernelAddress(from), () => copied.set(k.readKernelString(to, max, from)), fromUser)
  return { length: lengthOf(copied), failed: isError(copied) }
}

/**
 * The bytes of a copied string with its zero, which older kernels do not count if it is empty (see
 * `lengthOf`). @param copied not negative
 */
export function withZero(copied: Int): Int {
  return copied.add(copied.sub(1).shiftRight(63))
}

/**
 * The length of a copied string, at most 4095.
 * @param copied bytes with the zero; or a negative error number, for which the length is 0. Older
 *   kernels, Linux 6.12 among them, return 0 for an empty string of user space: they do not count
 *   its zero (strncpy_from_user_nofault in mm/maccess.c).
 */
function lengthOf(copied: Int): Int {
  const length = copied.sub(1)
  // A negative number has all upper bits set: their complement clears the length.
  return length.and(length.shiftRightSigned(63).xor(-1)).and(4095)
}
