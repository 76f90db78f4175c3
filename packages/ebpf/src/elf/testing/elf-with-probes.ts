import type { UsdtProbe } from '../elf-file.ts'

interface Section {
  readonly name: string
  readonly type: number
  readonly bytes: Buffer
  readonly link?: number
}

function strings(names: readonly string[]): { bytes: Buffer; offset: (name: string) => number } {
  const bytes = Buffer.from(`\0${names.join('\0')}\0`)
  return { bytes, offset: (name) => bytes.indexOf(`\0${name}\0`) + 1 }
}

function symbolTable(
  bits: 64 | 32,
  functions: readonly { name: string; isDefined: boolean }[],
  offset: (name: string) => number,
): Buffer {
  const is64 = bits === 64
  return Buffer.concat(
    functions.map(({ name, isDefined }) => {
      const entry = Buffer.alloc(is64 ? 24 : 16)
      entry.writeUInt32LE(offset(name), 0)
      entry[is64 ? 4 : 12] = 0x12
      entry.writeUInt16LE(isDefined ? 1 : 0, is64 ? 6 : 14)
      return entry
    }),
  )
}

function note(bits: 64 | 32, { provider, name }: UsdtProbe): Buffer {
  const texts = Buffer.from(`${provider}\0${name}\0-4@%edi\0`)
  const description = Buffer.concat([Buffer.alloc((3 * bits) / 8), texts])
  const head = Buffer.alloc(12)
  head.writeUInt32LE(8, 0)
  head.writeUInt32LE(description.length, 4)
  head.writeUInt32LE(3, 8)
  const padding = Buffer.alloc((4 - (description.length % 4)) % 4)
  return Buffer.concat([head, Buffer.from('stapsdt\0'), description, padding])
}

/** A file with a table of symbols and notes of static probes, and nothing that could run. */
export function elfWithProbes(
  bits: 64 | 32,
  functions: readonly { name: string; isDefined: boolean }[],
  probes: readonly UsdtProbe[],
): Buffer {
  const is64 = bits === 64
  const symbols = strings(functions.map(({ name }) => name))
  const names = strings(['.symtab', '.strtab', '.note.stapsdt', '.shstrtab'])
  const sections: Section[] = [
    { name: '', type: 0, bytes: Buffer.alloc(0) },
    { name: '.symtab', type: 2, bytes: symbolTable(bits, functions, symbols.offset), link: 2 },
    { name: '.strtab', type: 3, bytes: symbols.bytes },
    {
      name: '.note.stapsdt',
      type: 7,
      bytes: Buffer.concat(probes.map((each) => note(bits, each))),
    },
    { name: '.shstrtab', type: 3, bytes: names.bytes },
  ]
  const headSize = is64 ? 64 : 52
  const entrySize = is64 ? 64 : 40
  const head = Buffer.alloc(headSize)
  Buffer.from('\x7fELF').copy(head)
  head[4] = is64 ? 2 : 1
  head[5] = 1
  const table = Buffer.alloc(entrySize * sections.length)
  const parts: Buffer[] = []
  let at = headSize
  const word = (buffer: Buffer, value: number, offset: number): void => {
    if (is64) buffer.writeBigUInt64LE(BigInt(value), offset)
    else buffer.writeUInt32LE(value, offset)
  }
  sections.forEach(({ name, type, bytes, link = 0 }, i) => {
    const entry = table.subarray(i * entrySize, (i + 1) * entrySize)
    entry.writeUInt32LE(name === '' ? 0 : names.offset(name), 0)
    entry.writeUInt32LE(type, 4)
    word(entry, at, is64 ? 24 : 16)
    word(entry, bytes.length, is64 ? 32 : 20)
    entry.writeUInt32LE(link, is64 ? 40 : 24)
    parts.push(bytes)
    at += bytes.length
  })
  word(head, at, is64 ? 40 : 32)
  head.writeUInt16LE(entrySize, is64 ? 58 : 46)
  head.writeUInt16LE(sections.length, is64 ? 60 : 48)
  head.writeUInt16LE(4, is64 ? 62 : 50)
  return Buffer.concat([head, ...parts, table])
}
