import type { FieldKind, ProcessRole } from './field.ts'

/** A field that a condition reads: of a process in a role, or of the event itself. */
export interface FieldRef {
  readonly of: ProcessRole | 'event'
  /** Path of a field of processes, or the name in the event's record. */
  readonly path: string
  readonly kind: FieldKind
  /** As the rule writes it. */
  readonly written: string
}
