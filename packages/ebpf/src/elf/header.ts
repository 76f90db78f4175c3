import { ElfError } from './error.ts'
import { type ElfBits, Fields } from './fields.ts'
import type { ElfSource } from './source.ts'

/** EM_386, EM_ARM, EM_X86_64, EM_AARCH64: include/uapi/linux/elf-em.h. */
const machines = { 3: 'x86', 40: 'arm', 62: 'x86-64', 183: 'arm64' } as const
/** ET_REL, ET_EXEC, ET_DYN, ET_CORE. */
const types = { 1: 'relocatable', 2: 'executable', 3: 'shared', 4: 'core' } as const

/** The processor that a file is for. Others are refused. */
export type ElfMachine = (typeof machines)[keyof typeof machines]
/** `shared` is a library or a position-independent executable. */
export type ElfType = (typeof types)[keyof typeof types]

/** A table of headers of equal size. */
interface HeaderTable {
  readonly offset: number
  readonly size: number
  readonly count: number
}

/** struct elf64_hdr and elf32_hdr, include/uapi/linux/elf.h. */
export interface ElfHeader {
  readonly bits: ElfBits
  readonly machine: ElfMachine
  readonly type: ElfType
  readonly segments: HeaderTable
  /** `names`: index of the section with the names of sections. */
  readonly sections: HeaderTable & { readonly names: number }
}

/** PN_XNUM: the count is in the first section header. */
const countElsewhere = 0xffff
/** SHN_XINDEX: the index is in the first section header. */
const indexElsewhere = 0xffff

/** Errors: EBPF_ELF_FORMAT, EBPF_ELF_UNSUPPORTED, EBPF_ELF_READ. */
export function readHeader(source: ElfSource): ElfHeader {
  const bytes = source.read(0, 64)
  const [kind, order] = [bytes[4], bytes[5]]
  const isElf = bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46
  if (!isElf) throw new ElfError('EBPF_ELF_FORMAT', 'read ELF header: not an ELF file')
  if (order === 2) throw unsupported('big-endian files are not supported')
  const bits = kind === 2 ? 64 : 32
  if ((kind !== 1 && kind !== 2) || order !== 1 || bytes.length < (bits === 64 ? 64 : 52)) {
    throw new ElfError('EBPF_ELF_FORMAT', 'read ELF header: damaged or too short')
  }
  const fields = new Fields(bytes, bits)
  const machine = machines[fields.u16(18) as keyof typeof machines]
  if (machine === undefined) throw unsupported(`machine ${fields.u16(18)} is not supported`)
  const type = types[fields.u16(16) as keyof typeof types]
  if (type === undefined) throw unsupported(`type ${fields.u16(16)} is not supported`)
  const counts = bits === 64 ? 54 : 42
  const [segmentSize, segmentCount] = [fields.u16(counts), fields.u16(counts + 2)]
  const [sectionSize, sectionCount] = [fields.u16(counts + 4), fields.u16(counts + 6)]
  const names = fields.u16(counts + 8)
  const sectionOffset = fields.word(bits === 64 ? 40 : 32)
  const first = firstSection(source, sectionOffset, sectionSize, bits)
  return {
    bits,
    machine,
    type,
    segments: {
      offset: fields.word(bits === 64 ? 32 : 28),
      size: segmentSize,
      count: segmentCount === countElsewhere && first ? first.info : segmentCount,
    },
    sections: {
      offset: sectionOffset,
      size: sectionSize,
      count: sectionCount === 0 && first ? first.size : first ? sectionCount : 0,
      names: names === indexElsewhere && first ? first.link : names,
    },
  }
}

/** Bytes of struct elf64_shdr and elf32_shdr. */
export function sectionHeaderSize(bits: ElfBits): number {
  return bits === 64 ? 64 : 40
}

/** The fields of the first section header that have counts too large for the ELF header. */
function firstSection(source: ElfSource, offset: number, size: number, bits: ElfBits) {
  if (offset === 0 || size !== sectionHeaderSize(bits) || offset + size > source.length) {
    return undefined
  }
  const fields = new Fields(source.read(offset, size), bits)
  if (fields.length < size) return undefined
  return {
    size: fields.word(bits === 64 ? 32 : 20),
    link: fields.u32(bits === 64 ? 40 : 24),
    info: fields.u32(bits === 64 ? 44 : 28),
  }
}

function unsupported(reason: string): ElfError {
  return new ElfError('EBPF_ELF_UNSUPPORTED', `read ELF header: ${reason}`)
}
