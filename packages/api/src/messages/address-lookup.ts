import type { MessageOf } from '../message.ts'
import { bool, many, message, string } from '../message.ts'

/** The addresses that a lookup of a name found. */
export const KprobeAddrinfo = message('KprobeAddrinfo', {
  addresses: many(string(1)),
  /** The list has more entries, or the memory of one could not be read. */
  incomplete: bool(2),
})
export type KprobeAddrinfo = MessageOf<typeof KprobeAddrinfo>
