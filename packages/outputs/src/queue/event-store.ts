import type { ClassCounts, EventClass } from './event-class.ts'

/** An event that waits for its receiver. */
export interface QueuedEvent {
  readonly eventClass: EventClass
  /** JSON in UTF-8, without a newline. The store owns the memory. */
  readonly line: Buffer
  /** When it arrived, in milliseconds since 1970. */
  readonly arrived: number
}

/** The event in place of lost ones, as JSON. */
export type LossReport = (lost: number) => Buffer

/** Maximum of a batch. */
export interface BatchSize {
  readonly events: number
  readonly bytes: number
}

/** Events that wait for their receiver, in order: in memory, or on disk. The store is bounded. */
export interface EventStore {
  /** Events that were lost, by class. */
  readonly lost: ClassCounts
  /** Events that wait, and their bytes. */
  readonly length: number
  readonly bytes: number
  /** When the first event arrived; undefined if there is none. */
  readonly oldest: number | undefined
  /** Whether events stay when the agent ends. */
  readonly isOnDisk: boolean
  /** Why events cannot be stored as they should; undefined if they can. */
  readonly failure: string | undefined
  /** Adds an event, if it fits. @param line is copied */
  add(of: EventClass, line: Uint8Array, arrived: number): void
  /** Counts events as lost that were not added. */
  lose(of: EventClass, count: number): void
  /** Fulfilled when there is an event, or the signal is aborted. */
  filled(signal: AbortSignal): Promise<void>
  /**
   * The first events. There can be none after all: files may turn out to be damaged.
   * @throws errors of the file system after which another attempt can succeed
   */
  peek(limit: BatchSize): Promise<readonly QueuedEvent[]>
  /** Removes the first events. @param again those among them that stay, in order */
  remove(count: number, again?: readonly QueuedEvent[]): void
  /** Ends. Events that are only in memory are lost. */
  close(): Promise<void>
}
