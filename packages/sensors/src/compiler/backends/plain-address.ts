import type { Code, Int } from '@tetragon-ts/ebpf/lang'

/**
 * A pointer as a plain number: with those to sockets and to the stack the verifier allows no
 * arithmetic, or no loads that may fail.
 */
export function plainAddress(k: Code, pointer: Int): Int {
  const [typed, plain] = [k.stackBytes(8), k.stackBytes(8)]
  typed.store(8, 0, pointer)
  plain.store(8, 0, 0)
  k.readKernel(plain, 8, typed.address())
  return plain.load(8)
}
