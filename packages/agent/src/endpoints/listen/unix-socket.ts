import { chmodSync, lstatSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { AgentError } from '../../error.ts'
import { isTrusted, makeOwnFolder } from '../../files/own-folder.ts'

const ownerAndGroup = 0o660

/**
 * Makes a socket appear under its name only when it is ready: bound in a folder that no other user
 * can enter, given its permissions, then moved. A socket that an agent left which was killed
 * is replaced.
 * @param bind makes the socket at the path it is given
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

/** An agent that was killed in between has left its folder. */
function removeLeftovers(path: string): void {
  const begin = basename(temporaryName(path))
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(begin)) continue
    const leftover = join(dirname(path), name)
    // Where others may add files, they could exchange a folder of theirs while it is removed.
    const found = lstatSync(leftover, { throwIfNoEntry: false })
    if (found && isTrusted(found.uid)) rmSync(leftover, { recursive: true, force: true })
  }
}

/** Other files are data of others, and a socket that answers belongs to another program. */
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

/** Another agent may have put its own in the place since. */
function removeSocket(path: string, ino: number): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.ino === ino) rmSync(path, { force: true })
}
