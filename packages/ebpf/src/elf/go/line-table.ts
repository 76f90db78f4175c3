import type { Fields } from '../fields.ts'

/**
 * The header of `.gopclntab`, Go's table of functions: pcHeader in runtime/symtab.go. All offsets
 * are from the start of the table.
 */
export interface LineTable {
  readonly functionCount: number
  /** Where function entries and their descriptions start. */
  readonly functionsAt: number
  readonly namesAt: number
  /** Whether addresses are 32-bit distances from the start of the code. */
  readonly isRelative: boolean
  /** Start of the code, if the header has it: Go 1.18 to 1.25, and not in all executables. */
  readonly textStart: number | undefined
}

/** Magic numbers of the layouts: Go 1.2 to 1.15, 1.16 and 1.17, 1.18 and 1.19, since 1.20. */
const magic = { go12: 0xffff_fffb, go116: 0xffff_fffa, go118: 0xffff_fff0, go120: 0xffff_fff1 }
/** Functions of one program. Kubernetes' largest have about 100,000. */
const functionsMax = 1 << 20

/** Bytes of the longest header. */
export const lineTableHeader = 8 + 8 * 8

/**
 * Undefined if the bytes are not the header of a table for addresses of this size, or if its parts
 * are not within the table.
 *
 * @param size bytes of the whole table, or more
 */
export function readLineTable(fields: Fields, size: number): LineTable | undefined {
  const table = readTableHeader(fields)
  if (table === undefined) return undefined
  const { functionCount, functionsAt, namesAt, isRelative } = table
  const width = isRelative ? 4 : fields.wordSize
  const end = functionsAt + (functionCount * 2 + 1) * width
  return end <= size && namesAt < size ? table : undefined
}

function readTableHeader(fields: Fields): LineTable | undefined {
  if (fields.length < lineTableHeader) return undefined
  const [quantum, wordSize] = [fields.bytes[6], fields.bytes[7]]
  const isHeader = fields.u16(4) === 0 && (quantum === 1 || quantum === 2 || quantum === 4)
  if (!isHeader || wordSize !== fields.wordSize) return undefined
  const word = (index: number): number => fields.word(8 + index * fields.wordSize)
  const functionCount = word(0)
  if (functionCount === 0 || functionCount > functionsMax) return undefined
  switch (fields.u32(0)) {
    case magic.go12: {
      const functionsAt = 8 + fields.wordSize
      const common = { isRelative: false, textStart: undefined, namesAt: 0 }
      return { functionCount, functionsAt, ...common }
    }
    case magic.go116: {
      const common = { isRelative: false, textStart: undefined }
      return { functionCount, namesAt: word(2), functionsAt: word(6), ...common }
    }
    case magic.go118:
    case magic.go120: {
      const places = { namesAt: word(3), functionsAt: word(7) }
      return { functionCount, ...places, isRelative: true, textStart: word(2) || undefined }
    }
    default:
      return undefined
  }
}

/** Whether a table may begin here: whether there is one of the magic numbers. */
export function beginsLineTable(bytes: Uint8Array, at: number): boolean {
  const kind = bytes[at]
  const isMagic = kind === 0xfb || kind === 0xfa || kind === 0xf0 || kind === 0xf1
  return isMagic && bytes[at + 1] === 0xff && bytes[at + 2] === 0xff && bytes[at + 3] === 0xff
}
