import type { Server, Socket } from 'node:net'
import { Allowances, type Rate } from './allowances.ts'
import { clientOf } from './client-network.ts'

/** Limits of the connections of a listener. A client is an address, of IPv6 a network. */
export interface ConnectionLimits {
  /** Maximum number of open connections: the oldest one of the client with most gives way. */
  readonly total: number
  /** Maximum number of a client: its oldest one gives way; default: the total. */
  readonly perClient?: number
  /** New connections of a client; further ones are reset. */
  readonly opens?: Rate
}

/**
 * Limits the connections of a server that anyone can reach. Old ones give way: refusing new ones
 * would let clients that do nothing keep out the probes of the kubelet, and without regard to the
 * client, a flood would end the connections of others.
 */
export class ConnectionLimiter {
  readonly #limits: ConnectionLimits
  readonly #opens: Allowances | undefined
  /** The oldest connection of each client is first. */
  readonly #open = new Map<string, Set<Socket>>()
  #count = 0

  constructor(limits: ConnectionLimits) {
    this.#limits = limits
    this.#opens = limits.opens && new Allowances(limits.opens)
  }

  /**
   * @param client whose connections count together
   * @returns false if the connection was refused and is destroyed
   */
  admit(socket: Socket, client = clientOf(socket)): boolean {
    if (client !== undefined && this.#opens !== undefined && this.#opens.take(client, 1) > 0) {
      // The state TIME_WAIT would stay of each connection that is closed.
      socket.resetAndDestroy()
      return false
    }
    const own = this.#add(client ?? '', socket)
    if (client !== undefined && own.size > (this.#limits.perClient ?? this.#limits.total)) {
      this.#endOldest(own)
    } else if (this.#count > this.#limits.total) {
      this.#endOldest(this.#largest())
    }
    return true
  }

  #add(client: string, socket: Socket): Set<Socket> {
    const own = this.#open.get(client) ?? new Set()
    this.#open.set(client, own.add(socket))
    this.#count++
    socket.once('close', () => {
      this.#remove(own, socket)
      if (own.size === 0 && this.#open.get(client) === own) this.#open.delete(client)
    })
    return own
  }

  #remove(own: Set<Socket>, socket: Socket): void {
    if (own.delete(socket)) this.#count--
  }

  #endOldest(own: Set<Socket>): void {
    for (const socket of own) {
      // It no longer counts, although it closes later.
      this.#remove(own, socket)
      socket.destroy()
      return
    }
  }

  /** The connections of the client with most; of equal ones those of the client who came first. */
  #largest(): Set<Socket> {
    let largest = new Set<Socket>()
    for (const own of this.#open.values()) if (own.size > largest.size) largest = own
    return largest
  }
}

/** Limits the connections of a server. It must not listen yet. */
export function limitConnections(server: Server, limits: ConnectionLimits): void {
  const limiter = new ConnectionLimiter(limits)
  server.on('connection', (socket) => limiter.admit(socket))
  // Without memory or descriptors for a new connection, the process continues with the others.
  server.on('error', () => {})
}
