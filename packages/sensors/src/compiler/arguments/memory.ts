import type { Bytes, Code, Condition, Int } from '@tetragon-ts/ebpf/lang'

/** Kernel addresses are negative as signed numbers, user addresses are not. */
function isKernelAddress(address: Int): Condition {
  return address.signedLt(0)
}

/** 1 if a helper returned an error, else 0; without a branch. */
export function isError(result: Int): Int {
  return result.shiftRight(63)
}

/**
 * Copies kernel or user memory, depending on the address. After a fault the destination is zeroed.
 * @returns 0 or a negative error number
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
 * Copies a zero-terminated string from kernel or user memory.
 * @param max size of the destination, at most 4096 bytes; longer strings are truncated
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
  // An error has all upper bits set: its complement clears the length.
  const whole = copied.shiftRightSigned(63).xor(-1)
  return { length: copied.sub(1).and(whole).and(4095), failed: isError(copied) }
}
