import { lstatSync, mkdirSync, readlinkSync, type Stats } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { AgentError } from '../error.ts'

const writableByOthers = 0o002
const sticky = 0o1000
const defaultMode = 0o755
/** The kernel's own limit: include/linux/namei.h, MAXSYMLINKS. */
const linksMax = 40

/**
 * Checks that no other user can replace the target of a path: each folder on it belongs to root or
 * this user, and others cannot write to it unless it is sticky, like /tmp. Symbolic links are
 * followed if they belong to root or this user. The group of a folder is trusted.
 * @throws AgentError AGENT_FILE, Error of the file system
 */
export function checkOwnFolder(path: string): void {
  walk(path, () => {})
}

/**
 * The same, and creates missing folders. (The recursive mkdir of Node.js 20 never returns if the
 * kernel returns ENOENT, as in /proc.)
 * @param mode permissions of new folders
 * @throws AgentError AGENT_FILE, Error of the file system
 */
export function makeOwnFolder(path: string, mode = defaultMode): void {
  walk(path, (folder) => make(folder, mode))
}

/** Whether a user is trusted with the agent's files. */
export function isTrusted(uid: number): boolean {
  return uid === 0 || uid === process.geteuid?.()
}

/** @param missing is called for each missing folder, and may create it */
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
