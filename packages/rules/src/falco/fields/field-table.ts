import type { FieldReader } from '../comparison.ts'
import type { FalcoField } from '../condition.ts'
import { missing } from './field-readers.ts'

/** How fields of Falco are translated. */
export interface FalcoFields {
  /** By name. */
  readonly plain: Readonly<Record<string, FieldReader>>
  /** By name, for fields with an argument in brackets. */
  readonly indexed?: Readonly<Record<string, (argument: string) => FieldReader>>
}

/** The reader of a field; undefined if the table does not have its name. */
export function readerOf(
  { plain, indexed = {} }: FalcoFields,
  { name, argument, text }: FalcoField,
): FieldReader | undefined {
  if (argument !== undefined && Object.hasOwn(indexed, name)) return indexed[name](argument)
  if (!Object.hasOwn(plain, name)) return undefined
  return argument === undefined
    ? plain[name]
    : missing(`${text}: use ${name} without [${argument}]`)
}
