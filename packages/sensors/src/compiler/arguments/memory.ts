import type { Bytes, Code, Condition, Int } from '@tetragon-ts/ebpf/lang'

/** Kernel addresses are negative as signed numbers, user addresses are not. */
function isKernelAddress(address: Int): Condition {
  return address.signedLt(0)
}

/** 1 if a helper's result is an error, else 0; without a branch. */
export function isError(result: Int): Int {
  return result.shiftRight(63)
}

/**
 * Copies memory of the kernel or of the process, whichever the address belongs to. A fault leaves
 * zeroes. @returns 0 or a negative error number
 */
export function readAny(k: Code, to: Bytes, size: Int | number, from: Int): Int {
  const result = k.variable(0)
  k.when(
    isKernelAddress(from),
    () => result.set(k.readKernel(to, size, from)),
    () => result.set(k.readUser(to, size, from)),
  )
  return result
}

/**
 * Copies a string of the kernel or of the process with its zero.
 * @param max room for it, at most 4096 bytes; what is longer is cut
 * @returns its length without the zero, and whether it could not be read
 */
export function readString(
  k: Code,
  to: Bytes,
  max: number,
  from: Int,
): { readonly length: Int; readonly failed: Int } {
  const copied = k.variable(0)
  k.when(
    isKernelAddress(from),
    () => copied.set(k.readKernelString(to, max, from)),
    () => copied.set(k.call('probe_read_user_str', to, max, from)),
  )
  // An error has all upper bits set: its complement takes away what is left of the length.
  const whole = copied.shiftRightSigned(63).xor(-1)
  return { length: copied.sub(1).and(whole).and(4095), failed: isError(copied) }
}
