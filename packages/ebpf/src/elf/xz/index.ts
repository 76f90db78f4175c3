export { LzmaDataError } from './lzma.ts'
export { unpackXz } from './xz.ts'
