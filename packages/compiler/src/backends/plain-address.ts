import type { Code, Int } from '@tetragon-ts/ebpf/lang'

/**
 * Converts a pointer to a plain number. The verifier forbids arithmetic with pointers to sockets,
 * and loads that may fail through pointers to the stack.
 */
export function plainAddress(k: Code, pointer: Int): Int {
  const [typed, plain] = [k.stackBytes(8), k.stackBytes(8)]
  typed.store(8, 0, pointer)
  plain.store(8, 0, 0)
  k.readKernel(plain, 8, typed.address())
  return plain.load(8)
}
