import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  type Stats,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { AgentError } from '../error.ts'
import { checkOwnFolder, isTrusted } from './own-folder.ts'

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants
const writableByOthers = 0o002
/** Maximum number of attempts if a file keeps appearing and disappearing. */
const attempts = 10

/** A file to read, write and append to. */
export interface OwnFile {
  readonly fd: number
  /** Whether it was created. */
  readonly isNew: boolean
}

/**
 * Opens a file of the agent for appending, and creates it if it is missing. Files that another user
 * may have placed there are refused: only a regular file with one link is accepted, if it belongs
 * to root or this user, others cannot write to it, and its folder is safe ({@link checkOwnFolder}).
 * Never blocks on a FIFO.
 * @param mode permissions of a new file; others may write to an existing one only if the mode
 *   allows it
 * @throws AgentError AGENT_FILE, Error of the file system
 */
export function openOwnFile(name: string, mode: number): OwnFile {
  const path = resolve(name)
  checkOwnFolder(dirname(path))
  for (let attempt = 0; attempt < attempts; attempt++) {
    const isNew = lstatSync(path, { throwIfNoEntry: false }) === undefined
    const fd = isNew ? create(path, mode) : open(path, O_RDWR | O_APPEND, mode)
    if (fd !== undefined) return { fd, isNew }
  }
  throw unsafe('another program keeps creating and removing the file; use another path')
}

/**
 * Opens a file written by the agent, by the same rules.
 * @param mode allowed permissions
 * @returns undefined if it does not exist
 * @throws AgentError AGENT_FILE, Error of the file system
 */
export function openOwnFileToRead(name: string, mode = 0): number | undefined {
  const path = resolve(name)
  checkOwnFolder(dirname(path))
  return open(path, O_RDONLY, mode)
}

/** The text of such a file. @throws AgentError AGENT_FILE, Error of the file system */
export function readOwnFile(path: string): string {
  const fd = openOwnFileToRead(path)
  if (fd === undefined) throw unsafe('the file is gone')
  try {
    return readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
}

/** @returns undefined if another program has created it in between */
function create(path: string, mode: number): number | undefined {
  return unless('EEXIST', () => openSync(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL, mode))
}

/** @returns undefined if it was removed */
function open(path: string, access: number, mode: number): number | undefined {
  // Opening a device may have effects: only regular files are opened.
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  checkOwnFile(path, found, mode)
  const fd = unless('ENOENT', () => openSync(path, access | O_NOFOLLOW | O_NONBLOCK))
  if (fd === undefined) return undefined
  try {
    const opened = fstatSync(fd)
    checkOwnFile(path, opened, mode)
    if (opened.nlink > 0) return fd
  } catch (error) {
    closeSync(fd)
    throw error
  }
  closeSync(fd)
  return undefined
}

/**
 * Checks that only root and this user can have created the file and can change it.
 * @param mode allowed permissions
 * @throws AgentError AGENT_FILE
 */
function checkOwnFile(path: string, file: Stats, mode: number): void {
  if (file.isSymbolicLink()) throw unsafe('it is a symbolic link; specify its target')
  if (!file.isFile()) throw unsafe('it is not a regular file; use another path')
  checkOwner(file)
  if (file.nlink > 1) {
    throw unsafe(`the file has ${file.nlink} names (hard links); remove it or use another path`)
  }
  if ((file.mode & writableByOthers & ~mode) !== 0) {
    throw unsafe(`everyone may write to the file; remove it or: chmod o-w ${path}`)
  }
}

/** @throws AgentError AGENT_FILE */
export function checkOwner({ uid }: Stats): void {
  if (isTrusted(uid)) return
  throw unsafe(`it belongs to user ${uid}, not to root; remove it or use another path`)
}

function unless(code: string, act: () => number): number | undefined {
  try {
    return act()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== code) throw error
    return undefined
  }
}

function unsafe(reason: string): AgentError {
  return new AgentError('AGENT_FILE', reason)
}
