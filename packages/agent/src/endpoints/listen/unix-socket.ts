import { chmodSync, lstatSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { AgentError } from '../../error.ts'
import { isTrusted, makeOwnFolder } from '../../files/own-folder.ts'

const ownerAndGroup = 0o660

/**
 * Makes a socket visible only when it is ready: it is bound in a private folder, given its
 * permissions, then renamed. The leftover socket of a killed agent is replaced.
 * @param bind creates the socket at the given path
 * @returns removes the socket
 * @throws AgentError AGENT_SERVER
 */
export async function placeSocket(
  path: string,
  bind: (path: string) => Promise<void>,
): Promise<() => void> {
  let folder: string | undefined
  try {
    await refuseOthers(path)
    makeOwnFolder(dirname(path))
    removeLeftovers(path)
    folder = mkdtempSync(temporaryName(path))
    const bound = join(folder, 's')
    await bind(bound)
    chmodSync(bound, ownerAndGroup)
    renameSync(bound, path)
    const { ino } = lstatSync(path)
    return () => removeSocket(path, ino)
  } catch (cause) {
    const message = `listen on unix://${path}: ${(cause as Error).message}`
    throw new AgentError('AGENT_SERVER', message, { cause })
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  }
}

function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}-`)
}

/** Removes the private folder of an agent that was killed in between. */
function removeLeftovers(path: string): void {
  const begin = basename(temporaryName(path))
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(begin)) continue
    const leftover = join(dirname(path), name)
    // In shared folders, other users could replace the folder during its removal.
    const found = lstatSync(leftover, { throwIfNoEntry: false })
    if (found && isTrusted(found.uid)) rmSync(leftover, { recursive: true, force: true })
  }
}

/**
 * Other files may contain data, and a socket that accepts connections belongs to another program.
 */
async function refuseOthers(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found && !found.isSocket()) throw new Error('the path is a file, not a socket')
  if (found && (await answers(path))) throw new Error('another program listens on it')
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const settle = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}

/** Another agent may have replaced it. */
function removeSocket(path: string, ino: number): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.ino === ino) rmSync(path, { force: true })
}
