import { ElfError } from './error.ts'
import { Fields } from './fields.ts'
import type { ElfHeader } from './header.ts'
import type { ElfSource } from './source.ts'

/** PT_LOAD, PT_DYNAMIC, PT_NOTE: include/uapi/linux/elf.h. */
export const segmentType = { load: 1, dynamic: 2, note: 4 } as const

/** A segment: what the kernel maps, or where something is. */
export interface Segment {
  readonly type: number
  readonly isExecutable: boolean
  readonly offset: number
  readonly address: number
  /** Bytes in the file; in memory there may be more, which are zero. */
  readonly size: number
  readonly alignment: number
}

/** Bytes of all program headers that the kernel accepts: load_elf_phdrs, fs/binfmt_elf.c. */
const tableMax = 65536

/** Errors: EBPF_ELF_FORMAT, EBPF_ELF_LIMIT, EBPF_ELF_READ. */
export function readSegments(source: ElfSource, { segments, bits }: ElfHeader): Segment[] {
  const { offset, size, count } = segments
  const needed = bits === 64 ? 56 : 32
  if (count === 0) return []
  if (size < needed || offset + size * count > source.length) {
    throw new ElfError('EBPF_ELF_FORMAT', 'read program headers: outside of the file')
  }
  if (size * count > tableMax) {
    throw new ElfError('EBPF_ELF_LIMIT', `read program headers: ${count}, too many`)
  }
  const fields = new Fields(source.read(offset, size * count), bits)
  const found: Segment[] = []
  for (let at = 0; at + needed <= fields.length; at += size) {
    const flags = fields.u32(at + (bits === 64 ? 4 : 24))
    const word = (index: number): number =>
      fields.word(at + (bits === 64 ? 8 : 4) + index * fields.wordSize)
    found.push({
      type: fields.u32(at),
      isExecutable: (flags & 1) !== 0,
      offset: word(0),
      address: word(1),
      size: word(3),
      alignment: bits === 64 ? word(5) : fields.u32(at + 28),
    })
  }
  return found
}

/** Translates between addresses and offsets by the loadable segments, executable ones first. */
export class AddressMap {
  readonly #loaded: readonly Segment[]

  constructor(segments: readonly Segment[]) {
    const loaded = segments.filter(({ type }) => type === segmentType.load)
    this.#loaded = [
      ...loaded.filter(({ isExecutable }) => isExecutable),
      ...loaded.filter(({ isExecutable }) => !isExecutable),
    ]
  }

  /** Undefined for addresses that have no bytes in the file. */
  offsetOf(address: number): number | undefined {
    const segment = this.#loaded.find((each) => isWithin(address, each.address, each.size))
    return segment && address - segment.address + segment.offset
  }

  /** Undefined for offsets that are not loaded. */
  addressOf(offset: number): number | undefined {
    const segment = this.#loaded.find((each) => isWithin(offset, each.offset, each.size))
    return segment && offset - segment.offset + segment.address
  }

  /** Whether the address is in an executable segment. */
  isExecutable(address: number): boolean {
    const segment = this.#loaded.find((each) => isWithin(address, each.address, each.size))
    return segment?.isExecutable ?? false
  }
}

function isWithin(value: number, start: number, length: number): boolean {
  return value >= start && value - start < length
}
