import type { Bytes, Int } from '@tetragon-ts/ebpf/lang'
import { execBuffers } from '../kernel/maps.ts'

/** Offset in a buffer of the numbers, after all that the loops use. */
const numbersOffset = 7168

/** Bytes in scratch memory, with numbers about them by name. */
export interface Found<Name extends string = never> {
  readonly buffer: Bytes
  number(name: Name | 'start' | 'length'): Int
}

/** Keeps numbers about the content of a buffer until they are used. */
export type Keep = <Name extends string>(
  name: keyof typeof execBuffers,
  numbers: { readonly [N in Name]: Int },
) => { readonly buffer: Bytes; number(name: Name): Int }

/**
 * How a program keeps numbers: on its stack, or if that is nearly full, after the content of the
 * buffer, which takes two instructions more for each. Addresses are computed again for each use, so
 * that none is kept on the stack either.
 */
export function keepIn(place: 'stack' | 'memory', memory: Bytes): Keep {
  return (name, numbers) => {
    const { offset } = execBuffers[name]
    const names = Object.keys(numbers) as (keyof typeof numbers)[]
    const at = (each: keyof typeof numbers): Bytes =>
      memory.at(offset + numbersOffset + names.indexOf(each) * 8)
    if (place === 'memory') for (const each of names) at(each).store(8, 0, numbers[each])
    return {
      get buffer() {
        return memory.at(offset)
      },
      number: (each) => (place === 'memory' ? at(each).load(8) : numbers[each]),
    }
  }
}
