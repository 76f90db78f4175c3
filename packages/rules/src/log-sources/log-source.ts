import type { Event, EventKey } from '@tetragon-ts/api'
import type { EventRecord, FieldTable } from './field.ts'
import type { HookUse } from './hook-use.ts'

/** A log source: the kind of events that a rule is about. */
export interface LogSource {
  /** As rules name it: the category, or the service. */
  readonly name: string
  readonly key: 'category' | 'service'
  /** Its meaning, for `tetra rules fields`. */
  readonly doc: string
  readonly fields: FieldTable
  /** Names of further fields, such as `args.LABEL`; the pattern, and how help writes it. */
  readonly openFields?: { readonly pattern: RegExp; readonly written: string; readonly doc: string }
  /** Kinds of events that it is read from. */
  readonly events: readonly EventKey[]
  /** Functions and tracepoints that have its events; empty if no policy is needed. */
  readonly hooks: readonly string[]
  /** The hooks that are attached for its rules; undefined: none are. */
  readonly uses?: readonly HookUse[]
  /** What an event is to this log source: usually nothing or one record. */
  records(event: Event): readonly EventRecord[]
}
