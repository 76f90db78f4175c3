import type { Server } from 'node:net'

/** Listens at a path or a TCP address; all addresses without a host. */
export function listenAt(
  server: Server,
  where: { readonly path: string } | { readonly host?: string; readonly port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
