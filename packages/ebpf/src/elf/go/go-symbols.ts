import { ElfError } from '../error.ts'
import { Fields } from '../fields.ts'
import type { ElfImage } from '../image.ts'
import { SymbolSet } from '../symbols/symbol-set.ts'
import { type FoundLineTable, findLineTable } from './find-line-table.ts'
import { findTextStart } from './text-start.ts'

/** Bytes of a table that are read. Kubernetes' largest have about 30 MB. */
const tableMax = 1 << 27

/**
 * The functions of a Go program, from the table that its runtime uses, which stripped programs have
 * too. Layouts of Go 1.2 and later. Undefined for programs that are not Go's. Errors:
 * EBPF_ELF_FORMAT, EBPF_ELF_LIMIT, EBPF_ELF_READ.
 */
export function readGoSymbols(image: ElfImage): SymbolSet | undefined {
  const found = findLineTable(image)
  if (found === undefined) return undefined
  const bytes = image.source.read(found.offset, Math.min(found.size, tableMax))
  return decodeFunctions(new Fields(bytes, image.header.bits), found, baseOf(image, found))
}

/** What addresses in the table are relative to. */
function baseOf(image: ElfImage, { table, address }: FoundLineTable): number {
  if (!table.isRelative) return 0
  const { textStart } = table
  const isUsable = textStart !== undefined && image.addresses.isExecutable(textStart)
  const base = isUsable ? textStart : findTextStart(image, address)
  if (base !== undefined) return base
  throw new ElfError('EBPF_ELF_FORMAT', 'read .gopclntab: the start of the code is not in the file')
}

/** Pairs of an entry address and the offset of a description, which has the offset of the name. */
function decodeFunctions(fields: Fields, { table }: FoundLineTable, base: number): SymbolSet {
  const { functionCount, functionsAt, namesAt, isRelative } = table
  // Layouts before 1.16 count from the start of the table.
  const descriptionsAt = namesAt === 0 ? 0 : functionsAt
  const width = isRelative ? 4 : fields.wordSize
  const read = (at: number): number => (isRelative ? fields.u32(at) : fields.word(at))
  if (functionsAt + (functionCount * 2 + 1) * width > fields.length || namesAt >= fields.length) {
    throw new ElfError('EBPF_ELF_FORMAT', 'read .gopclntab: table ends too early, or is too large')
  }
  const set = new SymbolSet(fields.bytes.subarray(namesAt), functionCount)
  for (let i = 0; i < functionCount; i++) {
    const at = functionsAt + i * 2 * width
    const [entry, next] = [read(at), read(at + 2 * width)]
    const description = descriptionsAt + read(at + width)
    if (!(description + width + 4 <= fields.length) || !(next > entry)) continue
    const nameAt = fields.u32(description + width)
    if (nameAt >= set.strings.length || set.strings[nameAt] === 0) continue
    set.add({ nameAt, address: base + entry, size: next - entry, kind: 'function', rank: 0 })
  }
  return set
}
