import type { Field, ProcessRole } from './field.ts'
import type { FieldRef } from './field-ref.ts'
import type { LogSource } from './log-source.ts'
import { processField, processPaths } from './process-fields.ts'

/** A field of a log source, or why it cannot be answered; undefined if it does not exist. */
export type FoundField = FieldRef | { readonly of: 'nothing'; readonly reason: string } | undefined

const rolePath = /^(process|parent|ancestors)\.(.+)$/

/** Finds a field by the name that a rule writes. */
export function findField({ fields, openFields }: LogSource, written: string): FoundField {
  if (Object.hasOwn(fields, written)) return declared(fields[written], written)
  if (openFields?.pattern.test(written)) {
    return { of: 'event', path: written, kind: 'text', written }
  }
  const [, role, path] = rolePath.exec(written) ?? []
  if (path === undefined) return undefined
  const found = processField(path)
  return found && { of: role as ProcessRole, path, kind: found.kind, written }
}

function declared(field: Field, written: string): FoundField {
  if (field.of === 'nothing') return field
  if (field.of === 'event') return { of: 'event', path: written, kind: field.kind, written }
  return { of: field.of, path: field.path, kind: field.kind, written }
}

/** Names of all fields of a log source; those of other processes follow. */
export function fieldNames({ fields, openFields }: LogSource): string[] {
  const own = Object.entries(fields).flatMap(([name, { of }]) => (of === 'nothing' ? [] : [name]))
  return openFields === undefined ? own : [...own, openFields.written]
}

/** Names for suggestions: also paths of processes. */
export function suggestedNames(logSource: LogSource): string[] {
  const roles = ['process', 'parent', 'ancestors']
  return [
    ...fieldNames(logSource),
    ...roles.flatMap((role) => processPaths.map((path) => `${role}.${path}`)),
  ]
}

/** The fields that keywords are searched in: all texts. */
export function keywordFields(logSource: LogSource): FieldRef[] {
  return Object.entries(logSource.fields).flatMap(([name, field]) => {
    const isText = field.of !== 'nothing' && (field.kind === 'text' || field.kind === 'address')
    const found = isText ? declared(field, name) : undefined
    return found === undefined || found.of === 'nothing' ? [] : [found]
  })
}
