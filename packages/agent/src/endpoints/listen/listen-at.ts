import type { Server } from 'node:net'

/**
 * Listens at a path or a TCP address; all addresses without a host. Later errors are those of
 * accept(2), for example without memory for a socket: they do not end the process.
 */
export function listenAt(
  server: Server,
  where: { readonly path: string } | { readonly host?: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(where, resolve)
  })
}
