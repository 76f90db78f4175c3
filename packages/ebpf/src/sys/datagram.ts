import { Fd } from './fd.ts'
import { check, sendTo, socket } from './ffi.ts'
import { dontWait, noSignal } from './try-write.ts'

const AF_UNIX = 1
const SOCK_DGRAM = 2
const SOCK_CLOEXEC = 0o2000000

/**
 * Sends a datagram to a Unix socket, without waiting for its reader. Node.js has no such sockets.
 * @param address path of the socket, or `@` and the name of an abstract one
 * @throws SystemCallError if there is no such socket, or if its queue is full
 */
export function sendDatagram(address: string, text: string): void {
  const action = `send to ${address}`
  using connection = new Fd(check(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), action))
  const bytes = Buffer.from(text)
  const target = unixAddress(address)
  const flags = dontWait | noSignal
  check(sendTo(connection.number, bytes, bytes.length, flags, target, target.length), action)
}

/** struct sockaddr_un; a zero byte in front of the name makes a socket abstract. */
function unixAddress(address: string): Buffer {
  const name = Buffer.from(address.replace(/^@/, '\0'))
  const family = Buffer.alloc(2)
  family.writeUInt16LE(AF_UNIX)
  return Buffer.concat([family, name])
}
