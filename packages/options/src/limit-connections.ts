import type { Server, Socket } from 'node:net'

/**
 * Limits the open connections of a server that anyone can reach: the oldest one gives way. Refusing
 * new ones would let clients that do nothing keep out the probes of the kubelet.
 */
export function limitConnections(server: Server, max: number): void {
  const open = new Set<Socket>()
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    const [oldest] = open
    if (open.size > max) oldest.destroy()
  })
}
