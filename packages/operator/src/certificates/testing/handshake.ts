import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type TLSSocket } from 'node:tls'
import type { KeyPair } from '../make-certificate.ts'

/** A side of a TLS connection: its certificate, and PEM of the authorities that it trusts. */
export interface Party extends KeyPair {
  readonly ca: string
}

/**
 * Connects over TLS on loopback; both sides check the certificate of the other.
 * @throws Error if one refuses
 */
export async function handshake(server: Party, client: Party, serverName: string): Promise<void> {
  const own = ({ certificate: cert, key, ca }: Party) => ({ cert, key, ca })
  const listener = createServer({ ...own(server), requestCert: true, rejectUnauthorized: true })
  listener.on('secureConnection', (socket: TLSSocket) => socket.end('accepted'))
  await once(listener.listen(0, '127.0.0.1'), 'listening')
  const { port } = listener.address() as AddressInfo
  const socket = connect({ ...own(client), host: '127.0.0.1', port, servername: serverName })
  try {
    // A client finishes its handshake before the server has checked its certificate.
    await once(socket, 'data')
  } finally {
    socket.destroy()
    listener.close()
  }
}
