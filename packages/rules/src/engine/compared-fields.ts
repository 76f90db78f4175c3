import type { FieldValue } from '../log-sources/field.ts'
import type { FieldRef } from '../log-sources/field-ref.ts'
import type { Test } from '../model/test.ts'
import { fold } from '../text/fold.ts'

/** A test that compares a field with another one. */
export interface ComparedFields {
  readonly field: FieldRef
  readonly test: Extract<Test, { readonly kind: 'field' }>
}

/** Evaluates it; a missing field equals nothing. @param read value of a field */
export function compareFields(
  { field, test }: ComparedFields,
  read: (field: FieldRef) => FieldValue,
): boolean {
  if (typeof test.other === 'string') return false
  const change = test.cased ? (text: string) => text : fold
  const wanted = [read(test.other) ?? []].flat().map(change)
  const holds = relations[test.position]
  return [read(field) ?? []].flat().some((value) => {
    const text = change(value)
    return wanted.some((other) => holds(text, other))
  })
}

const relations = {
  whole: (text: string, other: string) => text === other,
  start: (text: string, other: string) => text.startsWith(other),
  end: (text: string, other: string) => text.endsWith(other),
  anywhere: (text: string, other: string) => text.includes(other),
}
