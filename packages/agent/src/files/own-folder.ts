import { lstatSync, mkdirSync, readlinkSync, type Stats } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { AgentError } from '../error.ts'

const writableByOthers = 0o002
const sticky = 0o1000
const defaultMode = 0o755
/** The kernel's own limit: include/linux/namei.h, MAXSYMLINKS. */
const linksMax = 40

/**
 * Checks that no other user can exchange what a path leads to: each folder on it belongs to root or
 * to this user, and others may not write to it unless it is sticky, as /tmp is. Symbolic links are
 * followed if they belong to root or to this user. Members of a folder's group are trusted.
 * @throws AgentError AGENT_FILE, Error of the file system
 */
export function checkOwnFolder(path: string): void {
  walk(path, () => {})
}

/**
 * The same, and makes the folders that are missing. (The recursive mkdir of Node.js 20 never
 * returns where the kernel says ENOENT for a folder that cannot be made, as in /proc.)
 * @param mode permissions of the folders that it makes
 * @throws AgentError AGENT_FILE, Error of the file system
 */
export function makeOwnFolder(path: string, mode = defaultMode): void {
  walk(path, (folder) => make(folder, mode))
}

/** Whether a user can be trusted with what the agent reads and writes. */
export function isTrusted(uid: number): boolean {
  return uid === 0 || uid === process.geteuid?.()
}

/** @param missing is called for each folder that is not there, and may make it */
function walk(path: string, missing: (folder: string) => void): void {
  const names = resolve(path).split('/').reverse()
  let links = 0
  let at = '/'
  while (names.length > 0) {
    const name = names.pop() as string
    const next = name === '..' ? dirname(at) : join(at, name)
    const stats = statOf(next, missing)
    if (stats.isSymbolicLink()) {
      if (!isTrusted(stats.uid)) throw belongsTo(stats.uid, `the symbolic link ${next}`)
      if (++links > linksMax) throw unsafe(`${path} has more than ${linksMax} symbolic links`)
      const target = readlinkSync(next)
      if (target.startsWith('/')) at = '/'
      names.push(...target.split('/').reverse())
      continue
    }
    if (!stats.isDirectory()) throw unsafe(`${next} is not a folder`)
    checkFolder(next, stats)
    at = next
  }
}

function statOf(path: string, missing: (folder: string) => void): Stats {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found !== undefined) return found
  missing(path)
  // Throws if it is still missing.
  return lstatSync(path)
}

function checkFolder(path: string, { mode, uid }: Stats): void {
  if (!isTrusted(uid)) throw belongsTo(uid, path)
  if ((mode & writableByOthers) === 0 || (mode & sticky) !== 0) return
  throw unsafe(`everyone may replace files in ${path}; use another folder, or: chmod o-w ${path}`)
}

function make(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function belongsTo(uid: number, what: string): AgentError {
  return unsafe(`${what} belongs to user ${uid}, who can replace its target; use a folder of root`)
}

function unsafe(reason: string): AgentError {
  return new AgentError('AGENT_FILE', reason)
}
