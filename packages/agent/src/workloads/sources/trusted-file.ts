import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats } from 'node:fs'

const { O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, S_IWGRP, S_IWOTH } = constants

/** Why a file cannot be used. */
export type FileFault = 'unsafe' | 'unreadable' | 'too_large' | 'malformed'

/** A file of a container runtime. */
export interface TrustedFile {
  readonly fd: number
  readonly stats: Stats
}

/**
 * Opens a file that only root or the agent's user can have written, calls `use`, and closes it. The
 * file may have any type: opening and reading never block.
 * @param max maximum size in bytes
 * @returns undefined if there is no file
 */
export function withTrustedFile<Result>(
  path: string,
  max: number,
  use: (file: TrustedFile) => Result | FileFault,
): Result | FileFault | undefined {
  let fd: number | undefined
  try {
    // Opening a device may have effects: only regular files are opened.
    const found = existing(path)
    if (found === undefined) return undefined
    if (!found.isFile()) return 'unsafe'
    fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
    const stats = fstatSync(fd)
    if (!stats.isFile() || !isTrusted(stats)) return 'unsafe'
    if (stats.size > max) return 'too_large'
    return use({ fd, stats })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? undefined : 'unreadable'
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** Reads JSON from a file as {@link withTrustedFile} does. @returns undefined: there is no file */
export function readTrustedJson(path: string, max: number): Json | FileFault | undefined {
  return withTrustedFile(path, max, readJson)
}

/** A value of a file. */
export interface Json {
  readonly value: unknown
}

/** Reads JSON from an open file. */
export function readJson({ fd, stats }: TrustedFile): Json | 'malformed' {
  const bytes = Buffer.allocUnsafe(stats.size)
  let length = 0
  while (length < bytes.length) {
    const read = readSync(fd, bytes, length, bytes.length - length, null)
    if (read === 0) return 'malformed'
    length += read
  }
  try {
    return { value: JSON.parse(bytes.toString('utf8')) as unknown }
  } catch {
    return 'malformed'
  }
}

/** Undefined also without access: the root of the first process may be inaccessible. */
function existing(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/**
 * Whether only the runtime can have written the file. Other users could claim any pod: a process
 * named containerd-shim in a folder of theirs, whose child is in a control group of theirs.
 */
function isTrusted({ uid, mode }: Stats): boolean {
  const isOwn = uid === 0 || uid === process.getuid?.()
  return isOwn && (mode & (S_IWGRP | S_IWOTH)) === 0
}
