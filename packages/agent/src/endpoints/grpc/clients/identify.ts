import type { Socket } from 'node:net'
import type { PeerCertificate } from 'node:tls'
import { type PeerCredentials, peerCredentials } from '@tetragon-ts/ebpf/sys'
import type { SocketPeer } from '@tetragon-ts/service/listen/grpc'
import type { Client } from './client.ts'

/** What a call says about its connection. */
export interface CallConnection {
  getPeer(): string
  getAuthContext(): { readonly sslPeerCertificate?: PeerCertificate }
}

/** Start of the peer name of calls over the Unix socket. */
export const socketPeer = 'socket-connection:'

/** Identifies the clients of calls, for all listeners of a server. */
export class ClientIdentities {
  readonly #peers = new Map<string, PeerCredentials>()
  #last = 0

  /**
   * Names a connection to the Unix socket. The kernel recorded its client at connect(2): who gets
   * the descriptor later acts for that client.
   * @returns undefined if the kernel does not name the client
   */
  readonly nameSocketPeer = (socket: Socket): SocketPeer | undefined => {
    const fd = descriptorOf(socket)
    if (fd === undefined) return undefined
    let credentials: PeerCredentials
    try {
      credentials = peerCredentials(fd)
    } catch {
      return undefined
    }
    const name = `${socketPeer}${++this.#last}`
    this.#peers.set(name, credentials)
    socket.once('close', () => this.#peers.delete(name))
    return { name, owner: `user ${credentials.uid}` }
  }

  /** The client of a call; undefined if the connection has ended. */
  of(call: CallConnection): Client | undefined {
    const peer = call.getPeer()
    const credentials = this.#peers.get(peer)
    if (credentials !== undefined) return { kind: 'socket', ...credentials }
    if (peer === 'unknown' || peer.startsWith(socketPeer)) return undefined
    // Without a certificate that the authorities signed, there is none here.
    const { sslPeerCertificate: certificate } = call.getAuthContext()
    if (certificate === undefined) return { kind: 'anonymous', address: peer }
    const { CN, O } = certificate.subject as Record<'CN' | 'O', string | string[] | undefined>
    return {
      kind: 'certificate',
      // Of several names it is open which one an authority has checked.
      commonName: typeof CN === 'string' ? CN : undefined,
      organizations: O === undefined ? [] : [O].flat(),
      serial: certificate.serialNumber,
      address: peer,
    }
  }
}

/** Node.js has no public function for it. */
function descriptorOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as { _handle?: { readonly fd?: number } | null }
  const fd = handle?.fd
  return fd !== undefined && fd >= 0 ? fd : undefined
}
