import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { AgentError } from '../../error.ts'
import { checkOwner } from '../../files/own-file.ts'
import { checkOwnFolder } from '../../files/own-folder.ts'

const { O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants

export interface Device {
  readonly fd: number
  /** Whether the agent opened it, with O_NONBLOCK. */
  readonly isOwned: boolean
}

/**
 * Opens a named pipe or a character device that belongs to root or this user; `/dev/stdout`,
 * `/dev/stderr` and `/dev/fd/N` are the descriptors that the agent was started with.
 * @returns undefined for any other path
 * @throws AgentError AGENT_FILE, Error of the file system; a pipe without a reader is an error
 */
export function openDevice(name: string): Device | undefined {
  const path = resolve(name)
  const number = descriptorOf(path)
  if (number !== undefined) {
    fstatSync(number)
    return { fd: number, isOwned: false }
  }
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined || !isDevice(found)) return undefined
  checkOwnFolder(dirname(path))
  checkOwner(found)
  const fd = open(path)
  const opened = fstatSync(fd)
  if (isDevice(opened) && opened.ino === found.ino && opened.dev === found.dev) {
    return { fd, isOwned: true }
  }
  closeSync(fd)
  throw new AgentError('AGENT_FILE', 'another program replaced it; use another path')
}

function descriptorOf(path: string): number | undefined {
  if (path === '/dev/stdout') return 1
  if (path === '/dev/stderr') return 2
  const match = /^(?:\/dev|\/proc\/self)\/fd\/(\d{1,5})$/.exec(path)
  return match === null ? undefined : Number(match[1])
}

function isDevice(file: Stats): boolean {
  return file.isFIFO() || file.isCharacterDevice()
}

/** Never blocks: without O_NONBLOCK, opening a pipe waits for its reader. */
function open(path: string): number {
  try {
    return openSync(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error
    throw new AgentError('AGENT_FILE', 'no process reads the pipe; start its reader first')
  }
}
