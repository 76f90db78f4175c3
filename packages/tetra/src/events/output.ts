import type { Event } from '@tetragon-ts/api'

/** An event and its bytes: `buffer` from `start` to `end`. */
export interface ReceivedEvent {
  readonly event: Event
  readonly text: string
  readonly buffer: Buffer
  readonly start: number
  readonly end: number
}

/**
 * An output format. Collects its output until it is taken, so that a chunk of input becomes one
 * write. `add` throws for an event that cannot be written.
 */
export interface Output {
  readonly add: (received: ReceivedEvent) => void
  /** Returns the output since the last call; empty if there is none. */
  readonly take: () => string | Buffer
}

/** An output that writes text. */
export function textOutput(write: (received: ReceivedEvent) => string): Output {
  let gathered = ''
  return {
    add: (received) => {
      gathered += write(received)
    },
    take: () => {
      const text = gathered
      gathered = ''
      return text
    },
  }
}

/** An output that writes bytes. */
export function byteOutput(write: (received: ReceivedEvent) => readonly Buffer[]): Output {
  let gathered: Buffer[] = []
  return {
    add: (received) => {
      gathered.push(...write(received))
    },
    take: () => {
      const all = Buffer.concat(gathered)
      gathered = []
      return all
    },
  }
}
