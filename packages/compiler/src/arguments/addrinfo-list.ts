import type { Bytes, Cell, Code, Int } from '@tetragon-ts/ebpf/lang'
import type { Hit } from '../hook/hit.ts'
import type { HookContext } from '../hook/hook-context.ts'
import { readAny } from '../hook/memory.ts'
import { addrinfoEntry } from './addrinfo-entries.ts'

const AF_INET = 2
const AF_INET6 = 10

/** struct addrinfo of 64-bit programs: include/netdb.h of musl, resolv/netdb.h of glibc. */
const node = { size: 48, address: 24, next: 40 } as const
/** Bytes of struct sockaddr_in6, and of the shorter struct sockaddr_in. */
const socketAddress = { size: 28, shorter: 16 } as const

/** Maximum bytes of a value: 32 entries. Further addresses are omitted. */
const addressesMax = 32 * addrinfoEntry.size
/** Nodes that are read: without hints, each address has a node for each of three socket types. */
const rounds = 3 * 32 + 1
/** A power of two above `addressesMax`, so that the verifier accepts a mask as the bound. */
export const listMax = 1024

/** Offsets in scratch memory: the entry, the last one appended, and variables of the walk. */
const memory = { entry: 0, last: 24, at: 48, filled: 56, size: 64 } as const

/** Memory of a walk through a list. */
interface Walk {
  readonly entry: Bytes
  readonly last: Bytes
  readonly buffer: Bytes
  readonly filled: Cell
}

/** Reads the address of a node into `entry`: zeros if its family is neither IPv4 nor IPv6. */
function readEntry(hit: Hit, address: Int, { entry }: Walk, failed: () => void): void {
  const { k } = hit
  const found = k.stackBytes(32)
  for (let at = 0; at < 32; at += 8) {
    found.store(8, at, 0)
    if (at < addrinfoEntry.size) entry.store(8, at, 0)
  }
  k.when(readAny(hit, found, socketAddress.shorter, address).ne(0), failed)
  const family = found.load(2)
  k.when(family.eq(AF_INET), () => {
    entry.store(4, 0, AF_INET)
    entry.store(4, 4, found.load(4, 4))
  })
  k.when(family.eq(AF_INET6), () => {
    k.when(readAny(hit, found, socketAddress.size, address).ne(0), failed)
    entry.store(4, 0, AF_INET6)
    for (let at = 0; at < 16; at += 4) entry.store(4, 4 + at, found.load(4, 8 + at))
  })
}

/** Appends the entry unless it is empty or equals the last one appended. */
function append(k: Code, { entry, last, buffer, filled }: Walk, full: () => void): void {
  const isEqual = [0, 8, 16]
    .map((at) => entry.load(8, at).xor(last.load(8, at)))
    .reduce((all, each) => all.or(each))
    .eq(0)
  const isEmpty = entry.load(4).eq(0)
  k.unless(
    isEqual.or(() => isEmpty),
    () => {
      k.when(filled.get().ge(addressesMax), full)
      const to = buffer.at(filled.get().and(listMax - 1))
      for (let at = 0; at < addrinfoEntry.size; at += 8) {
        const word = entry.load(8, at)
        to.store(8, at, word)
        last.store(8, at, word)
      }
      filled.set(filled.get().add(addrinfoEntry.size))
    },
  )
}

/**
 * Copies the addresses of a list in user memory. A process may pass any list, even one without end.
 * @param first address of the first node; 0: the list is empty
 * @param incomplete set to 1 if the list continues or a part of it could not be read
 * @returns number of bytes written
 */
export function copyList(
  hit: Hit,
  context: HookContext,
  first: Int,
  to: Bytes,
  incomplete: Cell,
): Int {
  const { k } = hit
  const cells = context.scratch(memory.size, 'addrinfo walk')
  const buffer = context.scratch(2 * listMax, 'addrinfo list')
  const [entry, last] = [cells.at(memory.entry), cells.at(memory.last)]
  for (let at = 0; at < addrinfoEntry.size; at += 8) last.store(8, at, 0)
  const at = cells.cell(memory.at, first)
  const walk = { entry, last, buffer, filled: cells.cell(memory.filled) }
  k.loop(rounds, (_, leave) => {
    const address = at.get()
    k.when(address.eq(0), leave)
    const here = k.stackBytes(node.size)
    // `at` is not 0, so the list is marked as incomplete below.
    k.when(readAny(hit, here, node.size, address).ne(0), leave)
    readEntry(hit, here.load(8, node.address), walk, leave)
    append(k, walk, leave)
    at.set(here.load(8, node.next))
  })
  k.when(at.get().ne(0), () => incomplete.set(1))
  const length = walk.filled.get().and(listMax - 1)
  k.readKernel(to, length, buffer.address())
  return length
}
