import { randomBytes } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** open(2), which node:fs does not name. On arm64 the bit of O_DIRECTORY differs. */
const temporaryFile = 0o20000000 | constants.O_DIRECTORY
const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR } = constants

/** A file without a name. */
export interface LibraryFile extends Disposable {
  /** Path of its descriptor: valid in this process while the file is open. */
  readonly path: string
  /** The file stays open when this object is disposed. */
  keep(): void
}

/**
 * Creates a file with these bytes that no other user can replace or change, in a folder that others
 * may be able to write to. It belongs to this process, and is still empty while it has a name, if
 * it ever has one. Afterwards it is opened by its descriptor only, which is read-only.
 * @param open opens files, for tests
 * @throws Error if the folder or its file system refuses that
 */
export function createLibraryFile(
  folder: string,
  bytes: Uint8Array,
  open: typeof openSync = openSync,
): LibraryFile {
  const writable = openNameless(folder, open)
  let fd: number
  try {
    write(writable, bytes)
    fd = openSync(`/proc/self/fd/${writable}`, O_RDONLY)
  } finally {
    closeSync(writable)
  }
  let isKept = false
  try {
    verify(fd, bytes)
  } catch (error) {
    closeSync(fd)
    throw error
  }
  return {
    path: `/proc/self/fd/${fd}`,
    keep() {
      isKept = true
    },
    [Symbol.dispose]() {
      if (!isKept) closeSync(fd)
    },
  }
}

function openNameless(folder: string, open: typeof openSync): number {
  try {
    // O_EXCL: it never gets a name.
    return open(folder, temporaryFile | O_RDWR | O_EXCL, 0o600)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // File systems without such files, such as overlayfs before Linux 6.1.
    if (code !== 'EOPNOTSUPP' && code !== 'ENOTSUP' && code !== 'EISDIR') throw error
  }
  const path = join(folder, `.tetragon-${randomBytes(16).toString('hex')}`)
  const fd = open(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR, 0o600)
  unlinkSync(path)
  return fd
}

function write(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
}

/** @throws Error if the file is not that of this process, or does not have these bytes */
function verify(fd: number, bytes: Uint8Array): void {
  const { uid, nlink, mode, size } = fstatSync(fd)
  if (uid !== process.geteuid?.() || nlink !== 0 || (mode & 0o177) !== 0) {
    throw new Error('others can access the file')
  }
  const content = Buffer.alloc(bytes.length)
  for (let at = 0; at < content.length; ) {
    const read = readSync(fd, content, at, content.length - at, at)
    if (read === 0) break
    at += read
  }
  if (size !== bytes.length || !content.equals(bytes)) throw new Error('the file has other bytes')
}
