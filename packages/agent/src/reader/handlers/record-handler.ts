import type { recordKind } from '@tetragon-ts/sensors'
import type { Counters } from '../counters.ts'

/** The kinds of records, by name. */
export type RecordKind = keyof typeof recordKind

/** Handles one record. @param length bytes of the record */
export type HandleRecord = (offset: number, length: number) => void

/** What turns records of some kinds into events. */
export interface RecordHandler {
  /** Events written. */
  readonly written: number
  /** Milliseconds until it has something to write whatever comes, if it ever has. */
  readonly rest?: number
  /** The records that were in the ring are read. */
  endBatch?(): void
  /** Nothing follows: writes what still waits. */
  finish?(): void
  /** Shows what it counted. */
  count(counters: Counters): void
}
