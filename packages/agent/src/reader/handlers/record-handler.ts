import type { recordKind } from '@tetragon-ts/sensors'
import type { Counters } from '../counters.ts'

/** The kinds of records, by name. */
export type RecordKind = keyof typeof recordKind

/** Handles one record. @param length bytes of the record */
export type HandleRecord = (offset: number, length: number) => void

/** Turns records of some kinds into events. */
export interface RecordHandler {
  /** Events written. */
  readonly written: number
  /** Milliseconds until it has something to write even without records, if ever. */
  readonly rest?: number
  /** All records that were in the ring have been read. */
  endBatch?(): void
  /** No more records follow: writes pending events. */
  finish?(): void
  /** Publishes its counters. */
  count(counters: Counters): void
}
