import type { Guarantee } from './connection.ts'
import type { ClassCounts } from './queue/event-class.ts'

/** Numbers and health of an output, since the start. */
export interface OutputStatus {
  readonly name: string
  /** The URL without parameters. */
  readonly address: string
  readonly guarantee: Guarantee
  /** Why the last attempt to send failed; undefined if it succeeded, or there was none. */
  readonly failure: string | undefined
  /** Why events cannot be written to disk; undefined if they can, or are not to. */
  readonly storeFailure: string | undefined
  /** Events that the receiver has accepted, as far as the protocol says so. */
  readonly sent: number
  /** Events that the receiver will never accept, and the last reason. */
  readonly refused: number
  readonly refusal: string | undefined
  /** Attempts to send events again, in events. */
  readonly retried: number
  /** Events that did not fit into a queue, or were not sent at the end, by class. */
  readonly lost: ClassCounts
  /** Events that wait, and their bytes. */
  readonly queued: number
  readonly queuedBytes: number
  /** Milliseconds since the first of them arrived. */
  readonly lag: number
}
