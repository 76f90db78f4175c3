import { constants, type Stats } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { isTrusted } from '../../../files/own-folder.ts'
import { compressedEnding } from '../../../reader/outputs/backup-name.ts'

const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants
const newline = 0x0a
/** Bytes per read. */
const chunkSize = 2 ** 18
/** Longer lines are none of ours. */
const lineMax = 2 ** 26

/** A file that grows, and how far it was read. */
export interface GrowingFile {
  readonly handle: FileHandle
  offset: number
  rest: Buffer
}

/**
 * In folders such as /tmp, others can add files with the names of backups: their events would be
 * those of the agent to every client.
 */
export function isOwn(file: Stats): boolean {
  return file.isFile() && isTrusted(file.uid)
}

/** @returns undefined if it is not there, not a regular file, or that of another user */
export async function openOwn(path: string): Promise<FileHandle | undefined> {
  try {
    const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    if (isOwn(await handle.stat())) return handle
    await handle.close()
    return undefined
  } catch {
    return undefined
  }
}

/**
 * The lines of a file that does not grow, and may be compressed now.
 * @returns whether it is there
 */
export async function* linesOf(path: string): AsyncGenerator<Buffer, boolean> {
  const plain = await openOwn(path)
  if (plain !== undefined) {
    const file = { handle: plain, offset: 0, rest: Buffer.alloc(0) }
    try {
      yield* newLines(file)
    } finally {
      await plain.close()
    }
    return true
  }
  const compressed = await openOwn(path + compressedEnding)
  if (compressed === undefined) return false
  let rest: Buffer = Buffer.alloc(0)
  const bytes = compressed.createReadStream({ highWaterMark: chunkSize })
  const lines = createGunzip({ chunkSize })
  bytes.on('error', (error) => lines.destroy(error))
  try {
    for await (const chunk of bytes.pipe(lines)) {
      const [whole, after] = splitLines(rest, chunk)
      rest = after
      if (whole.length > 0) yield whole
    }
  } catch {
    // It is cut off: the lines up to there were read.
  } finally {
    bytes.destroy()
  }
  return true
}

/** The lines from where it was read to, up to its end. */
export async function* newLines(file: GrowingFile): AsyncGenerator<Buffer> {
  for (;;) {
    const chunk = Buffer.allocUnsafe(chunkSize)
    const { bytesRead } = await file.handle.read(chunk, 0, chunkSize, file.offset)
    if (bytesRead === 0) return
    file.offset += bytesRead
    const [whole, rest] = splitLines(file.rest, chunk.subarray(0, bytesRead))
    file.rest = rest
    if (whole.length > 0) yield whole
  }
}

/** @returns whole lines, and the start of the next one */
function splitLines(rest: Buffer, chunk: Buffer): [Buffer, Buffer] {
  const end = chunk.lastIndexOf(newline) + 1
  const all = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
  if (end === 0) return [Buffer.alloc(0), all.length > lineMax ? Buffer.alloc(0) : all]
  return [all.subarray(0, rest.length + end), Buffer.from(all.subarray(rest.length + end))]
}
