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
  /** Why not, for the user. */
  readonly reason?: string
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
