import type { ElfImage } from './image.ts'
import { readOwnVariables } from './read-symbols.ts'
import type { SymbolTable } from './symbols/symbol-table.ts'

/** Maximum number of names that are looked up in one file; others have no address. */
const namesMax = 256
/**
 * Maximum number of symbols that all names of a file are compared with. In a hostile file each
 * lookup compares all symbols: the index is useless if all hashes are equal.
 */
const comparisonsMax = 1 << 22

/** Looks up the addresses of variables by name. Their symbols are read for the first name. */
export function variableAddresses(image: ElfImage): (name: string) => number | undefined {
  const found = new Map<string, number | undefined>()
  let table: SymbolTable | undefined
  return (name) => {
    if (found.has(name)) return found.get(name)
    table ??= readOwnVariables(image)
    if (found.size >= Math.min(namesMax, comparisonsMax / table.count)) return undefined
    const address = table.find(name)[0]?.address
    found.set(name, address)
    return address
  }
}
