import { lstatSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import type { PlaceSocket } from '@tetragon-ts/service/listen'

/** Reads and writes by the owner only. */
const ownerOnly = 0o177

/**
 * Creates a Unix socket that only the user can open. The socket of a process that has ended is
 * replaced. Node.js removes it when the server is closed.
 * @throws Error if the path is in use; system errors
 */
export const placeSocket: PlaceSocket = async (path, bind) => {
  await removeStale(path)
  // The socket is made within the call: it never has another mode.
  const mask = process.umask(ownerOnly)
  let bound: Promise<void>
  try {
    bound = bind(path)
  } finally {
    process.umask(mask)
  }
  await bound
  return () => {}
}

async function removeStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  const advice = 'choose another path to listen at'
  if (!found.isSocket()) throw new Error(`${advice}: ${path} is not a socket`)
  if (await isServed(path)) throw new Error(`${advice}: another process listens on ${path}`)
  unlinkSync(path)
}

/** Whether a process accepts connections; one that may not be asked counts as one. */
function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED'))
  })
}
