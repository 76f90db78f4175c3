import { processFlags } from '@tetragon-ts/api'
import type { Process } from './process.ts'

// A name and its addresses are known together only when getaddrinfo returns, in the memory of the
// process: names are claims of the process, so no selector can test them. The ring keeps the order:
// a lookup is read before its connections. A table in the kernel would need memory for each policy
// and a lookup for each hit, and one process could fill it.

/** Maximum number of addresses with names for a process; the oldest are dropped. */
const addressesMax = 256
/** Maximum number of them for all processes; those of the least recently used are dropped. */
const totalMax = 16_384
/** Maximum number of names for an address. */
const namesMax = 4
/** Maximum number of ancestors that are searched for names. */
const ancestorsMax = 16
/** Flags of processes that have executed a program, or may have. */
const executed = processFlags.execve | processFlags.procFS

/** A name as JSON, and the time of its lookup in nanoseconds since boot. */
interface Name {
  readonly json: string
  readonly time: number
}

/** The names of a process's addresses, latest first; addresses in the order of their lookups. */
type Table = Map<string, readonly Name[]>

/**
 * The names by which processes have looked up addresses, as far as hooks report lookups. A process
 * shares its names with its threads, and a forked child has the names that its parent had before
 * the fork. An executed program starts without names, as without the memory of the earlier image.
 *
 * Names are claims of the processes, which can make up results.
 */
export class AddressNames {
  readonly #tables = new WeakMap<Process, Table>()
  /** Tables of running processes, the least recently used first. */
  readonly #live = new Set<Table>()
  /** Tables of ended processes, which children and late events may still use; dropped first. */
  readonly #ended = new Set<Table>()
  /** Processes that have ended: their names are dropped first, also those that are added late. */
  readonly #over = new WeakSet<Process>()
  #size = 0

  /** Whether there are no names at all. */
  get isEmpty(): boolean {
    return this.#size === 0
  }

  /** Number of addresses with names, of all processes. */
  get size(): number {
    return this.#size
  }

  /**
   * Adds a name to addresses of a process.
   * @param addresses as `addressKey` returns them
   * @param json the name as JSON
   * @param time time of the lookup, in nanoseconds since boot
   */
  add(process: Process, addresses: Iterable<string>, json: string, time: number): void {
    const table = this.#tables.get(process) ?? new Map()
    this.#tables.set(process, table)
    for (const address of addresses) {
      const others = (table.get(address) ?? []).filter((name: Name) => name.json !== json)
      if (!table.delete(address)) this.#size++
      table.set(address, [{ json, time }, ...others].slice(0, namesMax))
      if (table.size > addressesMax) this.#dropOldest(table)
    }
    this.#touch(process, table)
    while (this.#size > totalMax) {
      const [first] = this.#ended.size > 0 ? this.#ended : this.#live
      this.#drop(first)
    }
  }

  /**
   * The names of an address, latest first.
   * @param parent the parent of the process, which an ended process no longer refers to
   */
  find(process: Process, parent: Process | undefined, address: string): readonly string[] {
    let [current, above]: [Process, Process | undefined] = [process, parent]
    let until = Number.POSITIVE_INFINITY
    for (let depth = 0; depth <= ancestorsMax; depth++) {
      const table = this.#tables.get(current)
      const names = table?.get(address)?.filter(({ time }) => time <= until) ?? []
      if (table && names.length > 0) {
        this.#touch(current, table)
        return names.map(({ json }) => json)
      }
      // The parent of an image that replaced another one is that image, unless this was forgotten.
      if (above === undefined || above.pid === current.pid) return []
      if ((current.flags & executed) !== 0) return []
      until = Math.min(until, current.start)
      current = above
      above = current.parent
    }
    return []
  }

  /** Marks the names of a process that has ended, or that executes another program. */
  ended(process: Process): void {
    this.#over.add(process)
    const table = this.#tables.get(process)
    if (table && this.#live.delete(table)) this.#ended.add(table)
  }

  /** Drops everything. */
  clear(): void {
    for (const table of [...this.#live, ...this.#ended]) this.#drop(table)
  }

  #touch(process: Process, table: Table): void {
    const tables = this.#over.has(process) ? this.#ended : this.#live
    tables.delete(table)
    tables.add(table)
  }

  #dropOldest(table: Table): void {
    const [oldest] = table.keys()
    table.delete(oldest)
    this.#size--
  }

  #drop(table: Table): void {
    this.#live.delete(table)
    this.#ended.delete(table)
    this.#size -= table.size
    table.clear()
  }
}

const AF_INET6 = 10
/** The third word of IPv4 addresses in IPv6 form (`::ffff:10.0.0.1`), in memory order. */
const mappedWord = 0xffff0000

/**
 * The key of an address, given as four words in memory order; IPv4 uses the first one. An IPv4
 * address in IPv6 form has the key of the IPv4 address.
 */
export function addressKey(family: number, a: number, b: number, c: number, d: number): string {
  if (family !== AF_INET6) return `${a}`
  if (a === 0 && b === 0 && c === mappedWord) return `${d}`
  return `${a},${b},${c},${d}`
}
