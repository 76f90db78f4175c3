import { closeSync, openSync, readSync } from 'node:fs'
import { bytesSource, ElfFile } from '@tetragon-ts/ebpf/elf'
import { readStart } from '../../processes/procfs.ts'
import type { CodeLocation, FoundSymbol } from './symbol-question.ts'

/** 32-bit programs have another vDSO, below this address. */
const end32 = 2 ** 32
const sizeMax = 1 << 16

/** Finds functions of the vDSO, which this process shares with all others of 64 bits. */
export function vdsoSymbols(): (
  location: Pick<CodeLocation, 'start' | 'address'>,
) => FoundSymbol | undefined {
  let elf: ElfFile | undefined
  try {
    elf = ElfFile.read(bytesSource(readVdso()))
  } catch {
    // Its frames stay without names: it may be disabled.
  }
  return ({ start, address }) => {
    if (elf === undefined || address < end32) return undefined
    const found = elf.symbols.at(elf.addressOf(address - start) ?? -1)
    return found && { name: found.symbol.name, offset: found.offset }
  }
}

/** @throws if there is none */
function readVdso(): Uint8Array {
  const lines = readStart('/proc/self/maps', 1 << 22)
    .toString('latin1')
    .split('\n')
  const line = lines.find((each) => / 0 +\[vdso\]$/.test(each))
  const match = /^([\da-f]+)-([\da-f]+) /.exec(line ?? '')
  if (!match) throw new Error('read vDSO: it is not mapped')
  const [start, end] = [match[1], match[2]].map((hex) => BigInt(`0x${hex}`))
  const bytes = Buffer.alloc(Math.min(Number(end - start), sizeMax))
  const memory = openSync('/proc/self/mem', 'r')
  try {
    return bytes.subarray(0, readSync(memory, bytes, 0, bytes.length, start))
  } finally {
    closeSync(memory)
  }
}
