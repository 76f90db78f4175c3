import { type ElfHeader, readHeader } from './header.ts'
import { readSections, type Section } from './sections.ts'
import { AddressMap, readSegments, type Segment } from './segments.ts'
import { clampedSource, type ElfSource } from './source.ts'

/** The headers of a file, and where its bytes come from: what all parts of the reader work on. */
export interface ElfImage {
  readonly source: ElfSource
  readonly header: ElfHeader
  readonly segments: readonly Segment[]
  readonly sections: readonly Section[]
  readonly addresses: AddressMap
}

/** Errors: EBPF_ELF_FORMAT, EBPF_ELF_UNSUPPORTED, EBPF_ELF_LIMIT, EBPF_ELF_READ. */
export function readImage(file: ElfSource): ElfImage {
  const source = clampedSource(file)
  const header = readHeader(source)
  const segments = readSegments(source, header)
  const addresses = new AddressMap(segments)
  return { source, header, segments, sections: readSections(source, header), addresses }
}
