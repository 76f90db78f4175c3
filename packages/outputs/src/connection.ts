import type { Options, ValuesOf } from '@tetragon-ts/service/options'
import type { QueuedEvent } from './queue/event-store.ts'

/** What an output says about the events that it accepted. */
export type Guarantee = 'at most once' | 'at least once while the agent runs' | 'at least once'

/** Where events go, and how. */
export interface Target<Values> {
  readonly url: URL
  /** Values of the parameters in the URL. */
  readonly values: Values
  readonly nodeName: string
  /** Version of the agent. */
  readonly version: string
}

/** Maximum of a batch, and how long it waits for more events. */
export interface BatchLimits {
  readonly events: number
  readonly bytes: number
  /** Milliseconds. */
  readonly linger: number
}

/** The events of a batch that the receiver did not accept. */
export interface Receipt {
  /** Events that the receiver will never accept, with the reason. */
  readonly refused?: { readonly events: readonly QueuedEvent[]; readonly reason: string }
  /** Events to send again, in order. */
  readonly again?: { readonly events: readonly QueuedEvent[]; readonly reason: string }
  /** Milliseconds that the receiver asks to wait, although it accepts events. */
  readonly pauseMs?: number
}

/** The way to a receiver. Connections are made on demand, and again after they broke. */
export interface Connection {
  readonly batch: BatchLimits
  /** Begins work before the first events, when earlier connections to the same place have ended. */
  start?(): void
  /**
   * Sends events, in order. Fulfilled when the receiver has them, as far as the protocol says so.
   * @throws SendError, or any other error after which the events are sent again
   */
  send(events: readonly QueuedEvent[], signal: AbortSignal): Promise<Receipt>
  /** Ends what is not complete, when no events are left to send. Never rejected. */
  finish?(): Promise<void>
  /** Releases everything immediately. */
  close(): void
}

/** Values of parameters that all outputs have, as far as a protocol needs them. */
interface CommonValues {
  /** How long the receiver may take to accept a batch, in milliseconds. */
  readonly timeout: number
}

/** A protocol: one module, and an entry in the registry. */
export interface OutputKind<Parameters extends Options = Options> {
  /** Schemes of its URLs. */
  readonly schemes: readonly string[]
  /** Whether the URL has a path of this machine, and no host. */
  readonly isLocal?: boolean
  /** Without a spool. */
  readonly guarantee: Guarantee
  readonly parameters: Parameters
  /** A folder that no other output may have. */
  ownFolder?(values: ValuesOf<Parameters>): string
  /** A folder that outputs can share. */
  sharedFolder?(url: URL): string
  /** Checks what parameters mean together. @throws BadValue */
  check?(target: Target<ValuesOf<Parameters>>): void
  /** @throws BadValue, for example if a file of a parameter cannot be read */
  open(target: Target<ValuesOf<Parameters> & CommonValues>): Promise<Connection>
}

/** Declares a kind; callers do not need the types of its parameters. */
export function outputKind<Parameters extends Options>(kind: OutputKind<Parameters>): OutputKind {
  return kind as unknown as OutputKind
}

/** Longest pause that a receiver can ask for, in milliseconds. */
export const longestPause = 300_000

/** Why a batch was not sent. */
export class SendError extends Error {
  override readonly name = 'SendError'
  /** `again`: send it again. `refused`: never. `too-large`: send smaller batches. */
  readonly remedy: 'again' | 'refused' | 'too-large'
  /** Milliseconds that the receiver asks to wait. */
  readonly afterMs: number

  constructor(remedy: SendError['remedy'], message: string, afterMs = 0) {
    super(message)
    this.remedy = remedy
    this.afterMs = afterMs
  }
}
