// Attacks an HTTP/2 server in plaintext: `node attack-http2.js PORT CONNECTIONS SECONDS KIND…`.
// Each kind has an address of its own and that number of connections; those that the server ends
// are opened again. The time starts when each was open once, or refused. It prints the numbers of
// attempts to connect, of connections and of bytes.

import { connect, type Socket } from 'node:net'
import { type AttackKind, attacks, preface } from './attacks.ts'

const [port, connections, seconds] = process.argv.slice(2, 5).map(Number)
const kinds = process.argv.slice(5) as AttackKind[]
/** Milliseconds until an ended connection is opened again. */
const pauseMs = 5

let attempts = 0
let opened = 0
let bytes = 0
let waiting = kinds.length * connections

/** Sends blocks as long as the server takes them. */
function send(socket: Socket, block: () => Buffer): void {
  for (;;) {
    const next = block()
    bytes += next.length
    if (!socket.write(next)) return
  }
}

/** @param began called when it was open, or refused */
function open(kind: AttackKind, began: () => void): void {
  attempts++
  // Each kind has an allowance of its own.
  const localAddress = `127.0.1.${Object.keys(attacks).indexOf(kind) + 1}`
  const socket = connect({ port, host: '127.0.0.1', localAddress })
  socket.on('error', () => {})
  socket.once('close', () => {
    began()
    setTimeout(open, pauseMs, kind, () => {})
  })
  socket.once('connect', () => {
    opened++
    began()
    const block = attacks[kind]()
    if (block === undefined) return
    socket.write(preface)
    socket.on('drain', () => send(socket, block))
    send(socket, block)
  })
  if (kind === 'unread') socket.pause()
  else socket.resume()
}

function count(): void {
  waiting--
  if (waiting > 0) return
  setTimeout(() => {
    process.stdout.write(`${JSON.stringify({ attempts, opened, bytes })}\n`, () => process.exit())
  }, seconds * 1000)
}

for (const kind of kinds) {
  for (let i = 0; i < connections; i++) {
    let hasBegun = false
    open(kind, () => {
      if (!hasBegun) count()
      hasBegun = true
    })
  }
}
