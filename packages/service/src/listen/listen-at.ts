import type { Server } from 'node:net'
import type { ListenAddress } from './address.ts'

/**
 * Creates the Unix socket of a server, with the permissions and checks of the program.
 * @param bind listens at the path that it gets
 * @returns removes the socket
 */
export type PlaceSocket = (
  path: string,
  bind: (path: string) => Promise<void>,
) => Promise<() => void>

/** Node.js removes the socket when the server is closed. */
const placeAtPath: PlaceSocket = async (path, bind) => {
  await bind(path)
  return () => {}
}

/**
 * Starts to listen at an address; without a host, at all addresses of the machine. Later errors are
 * those of accept(2), for example without memory for a socket: they do not end the process.
 * @returns removes what the server does not remove itself when it is closed
 * @throws Error of the system or of `placeSocket`
 */
export async function listenAt(
  server: Server,
  address: ListenAddress,
  placeSocket = placeAtPath,
): Promise<() => void> {
  if (address.kind === 'unix') return placeSocket(address.path, (path) => listen(server, { path }))
  const { host, port } = address
  await listen(server, host === '' ? { port } : { host, port })
  return () => {}
}

function listen(
  server: Server,
  where: { readonly path: string } | { readonly host?: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(where, resolve)
  })
}
