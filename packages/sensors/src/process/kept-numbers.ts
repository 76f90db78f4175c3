import type { Bytes, Int } from '@tetragon-ts/ebpf/lang'
import { execBuffers } from '../kernel/maps.ts'

/** Offset in a buffer of the numbers, after all that the loops use. */
const numbersOffset = 7168

/** Bytes in scratch memory, with numbers about them by name. */
export interface Found<Name extends string = never> {
  readonly buffer: Bytes
  number(name: Name | 'start' | 'length'): Int
}

/**
 * Stores numbers after the content of a buffer: the program's stack is nearly full. Addresses are
 * computed again for each use, so that none is kept there either.
 */
export function keep<Name extends string>(
  memory: Bytes,
  name: keyof typeof execBuffers,
  numbers: { readonly [N in Name]: Int },
): { readonly buffer: Bytes; number(name: Name): Int } {
  const { offset } = execBuffers[name]
  const names = Object.keys(numbers) as Name[]
  const at = (each: Name): Bytes => memory.at(offset + numbersOffset + names.indexOf(each) * 8)
  for (const each of names) at(each).store(8, 0, numbers[each])
  return {
    get buffer() {
      return memory.at(offset)
    },
    number: (each) => at(each).load(8),
  }
}
