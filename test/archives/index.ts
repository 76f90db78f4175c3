export { architecture } from './architecture.ts'
export {
  type ControlParagraph,
  DebianArchive,
  parseControl,
  type WantedSuites,
} from './debian-archive.ts'
export { unpackNpmPackage } from './npm-archive.ts'
export { digestOf, type ImageProcess, writeOciArchive } from './oci-archive.ts'
export { OciLayout } from './oci-layout.ts'
export { type ProgramResult, runOrThrow, runProgram } from './run-program.ts'
