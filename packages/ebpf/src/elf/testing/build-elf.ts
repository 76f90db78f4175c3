import type { ElfBits } from '../fields.ts'

/** A section of a built file. */
export interface SectionSpec {
  readonly name: string
  /** `sh_type`; program contents by default. */
  readonly type?: number
  /** Contents, which may have addresses of sections in them; its length must not depend on them. */
  readonly bytes: Buffer | ((addressOf: (section: string) => number) => Buffer)
  /** Name of the section that `sh_link` refers to. */
  readonly link?: string
  /** Types of segments (`p_type`) that consist of this section. */
  readonly segments?: readonly number[]
}

/** A file to build. */
export interface ElfSpec {
  readonly bits?: ElfBits
  /** `e_machine`: x86-64 by default. */
  readonly machine?: number
  /** `e_type`: an executable by default. */
  readonly type?: number
  readonly sections: readonly SectionSpec[]
  /** Writes no section headers, as after `sstrip`. */
  readonly isWithoutSections?: boolean
}

/** Address of the first byte of a built file. */
export const baseAddress = 0x40_0000

/**
 * A file with these sections. One executable segment loads all of it at `baseAddress`; nothing in
 * it could run.
 */
export function buildElf(spec: ElfSpec): Buffer {
  const { bits = 64, machine = 62, type = 2, isWithoutSections = false } = spec
  const is64 = bits === 64
  const names = ['', ...spec.sections.map(({ name }) => name), '.shstrtab']
  const all: readonly SectionSpec[] = [
    { name: '', type: 0, bytes: Buffer.alloc(0) },
    ...spec.sections,
    { name: '.shstrtab', type: 3, bytes: Buffer.from(`${names.join('\0')}\0`) },
  ]
  const extra = spec.sections.flatMap(({ name, segments = [] }) =>
    segments.map((kind) => ({ name, kind })),
  )
  const [headSize, segmentSize, sectionSize] = is64 ? [64, 56, 64] : [52, 32, 40]
  let end = headSize + segmentSize * (1 + extra.length)
  const offsets = new Map<string, number>()
  const sizes = new Map<string, number>()
  for (const { name, bytes } of all) {
    end = Math.ceil(end / 32) * 32
    const { length } = typeof bytes === 'function' ? bytes(() => 0) : bytes
    offsets.set(name, end)
    sizes.set(name, length)
    end += length
  }
  const tableAt = Math.ceil(end / 8) * 8
  const file = Buffer.alloc(tableAt + (isWithoutSections ? 0 : sectionSize * all.length))
  const word = (at: number, value: number): void => {
    if (is64) file.writeBigUInt64LE(BigInt(value), at)
    else file.writeUInt32LE(value, at)
  }
  const offsetOf = (name: string): number => offsets.get(name) ?? 0
  const addressOf = (name: string): number => baseAddress + offsetOf(name)
  file.write('\x7fELF', 'latin1')
  file.set([is64 ? 2 : 1, 1, 1], 4)
  file.writeUInt16LE(type, 16)
  file.writeUInt16LE(machine, 18)
  word(is64 ? 32 : 28, headSize)
  word(is64 ? 40 : 32, isWithoutSections ? 0 : tableAt)
  const counts = [headSize, segmentSize, 1 + extra.length]
  if (!isWithoutSections) counts.push(sectionSize, all.length, all.length - 1)
  counts.forEach((count, index) => {
    file.writeUInt16LE(count, (is64 ? 52 : 40) + index * 2)
  })
  const segments = [
    { kind: 1, offset: 0, size: tableAt, flags: 5 },
    ...extra.map(({ name, kind }) => ({
      kind,
      offset: offsetOf(name),
      size: sizes.get(name) ?? 0,
      flags: 4,
    })),
  ]
  segments.forEach(({ kind, offset, size, flags }, index) => {
    const at = headSize + index * segmentSize
    file.writeUInt32LE(kind, at)
    file.writeUInt32LE(flags, at + (is64 ? 4 : 24))
    const words = [offset, baseAddress + offset, baseAddress + offset, size, size]
    words.forEach((value, place) => {
      word(at + (is64 ? 8 + place * 8 : 4 + place * 4), value)
    })
  })
  all.forEach(({ name, type: kind = 1, bytes, link }, index) => {
    const contents = typeof bytes === 'function' ? bytes(addressOf) : bytes
    contents.copy(file, offsetOf(name))
    if (isWithoutSections) return
    const at = tableAt + index * sectionSize
    file.writeUInt32LE(names.slice(0, index).join('\0').length + (index > 0 ? 1 : 0), at)
    file.writeUInt32LE(kind, at + 4)
    const words = [kind === 0 ? 0 : addressOf(name), offsetOf(name), sizes.get(name) ?? 0]
    words.forEach((value, place) => {
      word(at + (is64 ? 16 + place * 8 : 12 + place * 4), value)
    })
    const linked = link === undefined ? 0 : all.findIndex((each) => each.name === link)
    file.writeUInt32LE(linked, at + (is64 ? 40 : 24))
  })
  return file
}
