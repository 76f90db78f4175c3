import type { ByteWriter } from '../../bytes/byte-writer.ts'
import { imageJson } from './image-text.ts'
import type { Text } from './process-json.ts'

/** As fs/d_path.c writes both. */
const deleted = Buffer.from(' (deleted)')
const unreachable = Buffer.from('(unreachable)')

/** The path of an executed file. */
export interface ExecutedFile {
  /** Empty: not sent. */
  readonly path: Text
  readonly isDeleted: boolean
  /** Whether the start of the path is missing. */
  readonly isCut: boolean
}

/**
 * The JSON member `executable` with a leading comma; empty if the file is at the path that the
 * process used. The end of `out` serves as scratch space.
 * @param image JSON of the image, with that path
 * @param used the path as the process gave it, which may be relative
 */
export function executableJson(
  out: ByteWriter,
  image: string,
  used: Text,
  { path, isDeleted, isCut }: ExecutedFile,
): string {
  if (path.from === path.to || (!isDeleted && !isCut && equal(path, used))) return ''
  const from = out.length
  if (isCut) out.jsonText(unreachable, 0, unreachable.length)
  out.jsonText(path.bytes, path.from, path.to)
  if (isDeleted) out.jsonText(deleted, 0, deleted.length)
  const text = out.latin1Since(from)
  out.length = from
  return text === imageJson(image, 'binary') ? '' : `,"executable":"${text}"`
}

function equal(a: Text, b: Text): boolean {
  const length = a.to - a.from
  if (length !== b.to - b.from) return false
  // Most paths differ at their ends or not at all.
  for (let i = length - 1; i >= 0; i--) {
    if (a.bytes[a.from + i] !== b.bytes[b.from + i]) return false
  }
  return true
}
