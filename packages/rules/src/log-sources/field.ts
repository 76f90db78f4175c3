/** Value of a field: missing, one, or several of which each counts. */
export type FieldValue = string | readonly string[] | undefined

/** What a field's values are like; tests that compare numbers or networks need the kind. */
export type FieldKind = 'text' | 'number' | 'address' | 'time' | 'flag'

/** The process that a field belongs to: the acting one, its parent, or any ancestor. */
export type ProcessRole = 'process' | 'parent' | 'ancestors'

/** A field of a log source. */
export type Field =
  /** Of a process: `path` names one of `process-fields.ts`. */
  | {
      readonly of: ProcessRole
      readonly path: string
      readonly kind: FieldKind
      readonly doc: string
    }
  /** Of the event itself, under this name in its record. */
  | {
      readonly of: 'event'
      readonly kind: FieldKind
      readonly doc: string
      /** The only values that it can have, and why it has no others. */
      readonly values?: { readonly allowed: readonly string[]; readonly reason: string }
    }
  /** Known in Sigma, but not on a host with Linux. */
  | { readonly of: 'nothing'; readonly reason: string }

/** Fields of a log source by name. */
export type FieldTable = Readonly<Record<string, Field>>

/** A field of the event itself. */
export function eventField(doc: string, kind: FieldKind = 'text'): Field {
  return { of: 'event', kind, doc }
}

/** A field that no event of a Linux host can have. */
export function unanswerable(reason: string): Field {
  return { of: 'nothing', reason }
}

/** The values of the event's own fields by name. */
export type EventRecord = Readonly<Record<string, FieldValue>>
