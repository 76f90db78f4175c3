import { closeSync, openSync, readSync } from 'node:fs'

const programHeaderSize = 56
const PT_LOAD = 1

/**
 * File offset of the first instruction of a 64-bit ELF executable: code that runs once, when a
 * process starts (Elf64_Ehdr and Elf64_Phdr in include/uapi/linux/elf.h).
 */
export function entryPoint(path: string): number {
  const fd = openSync(path, 'r')
  try {
    const header = Buffer.alloc(64)
    readSync(fd, header, 0, header.length, 0)
    if (header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2) {
      throw new Error(`read ${path}: not a 64-bit ELF file`)
    }
    const entry = header.readBigUInt64LE(24)
    const count = header.readUInt16LE(56)
    const table = Buffer.alloc(count * programHeaderSize)
    readSync(fd, table, 0, table.length, Number(header.readBigUInt64LE(32)))
    for (let at = 0; at < table.length; at += programHeaderSize) {
      const offset = table.readBigUInt64LE(at + 8)
      const address = table.readBigUInt64LE(at + 16)
      const size = table.readBigUInt64LE(at + 32)
      const inside = entry >= address && entry < address + size
      if (table.readUInt32LE(at) === PT_LOAD && inside) return Number(entry - address + offset)
    }
    throw new Error(`read ${path}: no segment holds the entry point`)
  } finally {
    closeSync(fd)
  }
}
