import type { Process } from '@tetragon-ts/api'
import type { EventRecord, FieldValue } from '../log-sources/field.ts'
import type { FieldRef } from '../log-sources/field-ref.ts'
import { processField } from '../log-sources/process-fields.ts'

/** The values that a rule can read: an event of a log source, and its processes. */
export interface Subject {
  readonly record: EventRecord
  readonly process: Process
  readonly parent: Process
  /** Known ancestors from the parent on. */
  readonly ancestors: readonly Process[]
}

/** Reads a field. */
export function readField({ of, path }: FieldRef, subject: Subject): FieldValue {
  if (of === 'event') return subject.record[path]
  const read = processField(path)?.read
  if (read === undefined) return undefined
  if (of !== 'ancestors') return read(subject[of])
  const values = subject.ancestors.flatMap((each) => read(each) ?? [])
  return values.length === 0 ? undefined : values
}
