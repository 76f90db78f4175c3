import { type Declarations, readProto } from './proto.ts'

/** Folder of the `.proto` files of Tetragon, as of August 2026. */
export const originalFolder: URL = new URL(
  '../../../compatibility/reference/proto/',
  import.meta.url,
)

/** What these files declare. */
export const original: Declarations = readProto(new URL('tetragon/', originalFolder))
