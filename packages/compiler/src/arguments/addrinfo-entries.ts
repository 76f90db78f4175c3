import type { DecodedArgument } from './argument-type.ts'

/** An entry of an `addrinfo` value, in bytes: family (4), address (16), unused (4). */
export const addrinfoEntry = { size: 24, address: 4 } as const

/** An address in a record: four words in memory order; IPv4 uses the first one. */
export interface FoundAddress {
  readonly family: number
  readonly words: readonly [number, number, number, number]
}

/** The addresses of an `addrinfo` value, in the order of the list, with duplicates. */
export function addressesOf({ bytes, from, to }: DecodedArgument): readonly FoundAddress[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found: FoundAddress[] = []
  for (let at = from; at + addrinfoEntry.size <= to; at += addrinfoEntry.size) {
    const word = (index: number) => view.getUint32(at + addrinfoEntry.address + 4 * index, true)
    found.push({ family: view.getUint32(at, true), words: [word(0), word(1), word(2), word(3)] })
  }
  return found
}
