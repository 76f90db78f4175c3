import { codecOf, GetEventsResponse } from '@tetragon-ts/api'
import { frame } from '@tetragon-ts/console/frames'
import type { ChunkReader } from '../events/pump.ts'

const codec = codecOf(GetEventsResponse)

/** The agent does not know requests for the past: it is of the original, or older. */
export class NoPastError extends Error {
  constructor() {
    super('the agent does not serve events of the past')
  }
}

/** Frames of the events of the past. */
export class PastFrames implements ChunkReader {
  /** Whether the agent has said since when it keeps events. */
  hasBegun = false

  /** @throws NoPastError if live events arrive instead */
  push(chunk: Buffer): Uint8Array {
    if (!this.hasBegun && codec.decode(chunk).kept_since === undefined) throw new NoPastError()
    this.hasBegun = true
    return frame('event', chunk)
  }

  end(): string {
    return ''
  }
}
