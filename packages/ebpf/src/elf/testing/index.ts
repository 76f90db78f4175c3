export { baseAddress, buildElf, type ElfSpec, type SectionSpec } from './build-elf.ts'
export {
  note,
  type ProbeSpec,
  probeNote,
  probeSection,
  type SymbolSpec,
  strings,
  symbolSections,
  words,
} from './contents.ts'
export { type GoLayout, lineTable } from './line-table.ts'
export { resettingXz, storedXz, xzFiles, xzText } from './xz-files.ts'
