/** What a frame of the stream to the page holds, by the byte in front of it. */
export const frameKinds = {
  /** An event: GetEventsResponse as the agent has sent it. */
  event: 0,
  /** {@link StreamState} as JSON. */
  state: 1,
} as const

export type FrameKind = keyof typeof frameKinds

/** Whether events arrive. */
export interface StreamState {
  readonly isConnected: boolean
  /** All later events arrive: those before can be asked for. */
  readonly isSubscribed?: boolean
  /** Why not, for the user. */
  readonly reason?: string
  /** The stream has events of recorded files: each time all of them, in the same order. */
  readonly isRecorded?: boolean
  /** All events of recorded files have arrived: how many there were, for the user. */
  readonly recorded?: string
}

/** Bytes in front of the content: its kind, and its length in big-endian byte order. */
export const frameHeaderSize = 5

/** A frame of the stream: kind, length, content. */
export function frame(kind: FrameKind, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(frameHeaderSize + content.length)
  bytes[0] = frameKinds[kind]
  new DataView(bytes.buffer).setUint32(1, content.length)
  bytes.set(content, frameHeaderSize)
  return bytes
}

/** The frame of a state. */
export function stateFrame(state: StreamState): Uint8Array<ArrayBuffer> {
  return frame('state', new TextEncoder().encode(JSON.stringify(state)))
}

/** Maximum bytes of a frame: several times the default limit of a message. */
const contentMax = 64 << 20

const kindNames = new Map(
  (Object.keys(frameKinds) as FrameKind[]).map((name) => [frameKinds[name] as number, name]),
)

/** Splits a stream into frames, however it is cut into chunks. */
export class FrameReader {
  readonly #onFrame: (kind: FrameKind, content: Uint8Array<ArrayBuffer>) => void
  /** The frame that has begun, and how many of its bytes are there. */
  #header = new Uint8Array(frameHeaderSize)
  #headerLength = 0
  #content: Uint8Array<ArrayBuffer> | undefined
  #contentLength = 0

  /** @param onFrame receives each frame; the content is its own copy */
  constructor(onFrame: (kind: FrameKind, content: Uint8Array<ArrayBuffer>) => void) {
    this.#onFrame = onFrame
  }

  /** Reads the next chunk. @throws RangeError if the stream is not that of `tetra console` */
  push(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      at += this.#content === undefined ? this.#readHeader(chunk, at) : this.#readContent(chunk, at)
    }
  }

  #readHeader(chunk: Uint8Array, at: number): number {
    const count = Math.min(frameHeaderSize - this.#headerLength, chunk.length - at)
    this.#header.set(chunk.subarray(at, at + count), this.#headerLength)
    this.#headerLength += count
    if (this.#headerLength < frameHeaderSize) return count
    const length = new DataView(this.#header.buffer).getUint32(1)
    if (length > contentMax) throw new RangeError(`a frame of ${length} bytes`)
    this.#content = new Uint8Array(length)
    this.#contentLength = 0
    if (length === 0) this.#finish(this.#content)
    return count
  }

  #readContent(chunk: Uint8Array, at: number): number {
    const content = this.#content!
    const count = Math.min(content.length - this.#contentLength, chunk.length - at)
    content.set(chunk.subarray(at, at + count), this.#contentLength)
    this.#contentLength += count
    if (this.#contentLength === content.length) this.#finish(content)
    return count
  }

  #finish(content: Uint8Array<ArrayBuffer>): void {
    const kind = kindNames.get(this.#header[0])
    this.#content = undefined
    this.#headerLength = 0
    if (kind === undefined) throw new RangeError(`a frame of the unknown kind ${this.#header[0]}`)
    this.#onFrame(kind, content)
  }
}
