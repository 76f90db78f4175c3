import { Fields } from '../fields.ts'
import type { ElfMachine } from '../header.ts'
import type { ElfImage } from '../image.ts'
import { readRelocations } from '../relocations.ts'
import { textAt } from '../text.ts'
import { readStubs, type Stub } from './stub-code.ts'
import { dynamicSymbols } from './symbol-places.ts'
import { stringsMax, symbolsMax } from './symbol-section.ts'
import { SymbolSet } from './symbol-set.ts'

/** R_*_GLOB_DAT and R_*_JUMP_SLOT: relocations that fill a slot with the address of a symbol. */
const slotTypes: Readonly<Record<ElfMachine, readonly number[]>> = {
  'x86-64': [6, 7],
  x86: [6, 7],
  arm64: [1025, 1026],
  arm: [21, 22],
}

/** Maximum number of stubs, and of bytes of their names. Large files have some thousand stubs. */
const [stubsMax, namesMax] = [1 << 17, 1 << 24]

/** The stubs of the procedure linkage table as symbols `NAME@plt`. Errors: EBPF_ELF_READ. */
export function readLinkageSymbols(image: ElfImage): SymbolSet | undefined {
  const stubs = stubsOf(image)
  if (stubs.length === 0) return undefined
  const places = dynamicSymbols(image)
  if (places === undefined) return undefined
  const symbolBySlot = new Map<number, number>()
  const slots = new Set(stubs.map(({ slot }) => slot))
  for (const { address, type, symbol } of readRelocations(image)) {
    if (slots.has(address) && slotTypes[image.header.machine].includes(type)) {
      symbolBySlot.set(address, symbol)
    }
  }
  const nameOf = importNames(image, places)
  const names: Buffer[] = []
  const found: { nameAt: number; address: number; size: number }[] = []
  let length = 0
  for (const { address, size, slot } of stubs) {
    const name = nameOf(symbolBySlot.get(slot) ?? 0)
    if (name === '' || length > namesMax) continue
    const text = Buffer.from(`${name}@plt\0`)
    names.push(text)
    found.push({ nameAt: length, address, size })
    length += text.length
  }
  const set = new SymbolSet(Buffer.concat(names), found.length)
  for (const each of found) set.add({ ...each, kind: 'plt', rank: 1 })
  return set
}

function stubsOf(image: ElfImage): Stub[] {
  const found: Stub[] = []
  for (const stub of readStubs(image)) {
    if (found.length === stubsMax) break
    found.push(stub)
  }
  return found
}

/** Names of dynamic symbols by index, also of those that another file defines. */
function importNames(
  { source, header }: ElfImage,
  { symbols, strings }: NonNullable<ReturnType<typeof dynamicSymbols>>,
): (symbol: number) => string {
  const entry = header.bits === 64 ? 24 : 16
  const size = Math.min(symbols.size, symbolsMax * entry)
  const fields = new Fields(source.read(symbols.offset, size), header.bits)
  const texts = source.read(strings.offset, Math.min(strings.size, stringsMax))
  return (symbol) =>
    symbol > 0 && (symbol + 1) * entry <= fields.length
      ? textAt(texts, fields.u32(symbol * entry))
      : ''
}
