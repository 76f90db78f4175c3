import { type Field, type Schema, schemaOf } from '@tetragon-ts/policy/schema'
import { didYouMean } from '../suggest.ts'
import { UsageError } from '../usage-error.ts'

/** A field and what its place says about it. */
export interface FoundField {
  /** The last name of the path. */
  readonly name: string
  readonly field: Field
}

/**
 * Splits `spec.kprobes[0].args` or `spec["kprobes"][].args` into names; places in lists are left
 * out. Throws UsageError.
 */
export function splitPath(path: string): string[] {
  const names: string[] = []
  const part = /\.?([^.[\]"']+)|\[(?:"([^"]*)"|'([^']*)'|([^\]"']*))\]/y
  while (part.lastIndex < path.length) {
    const at = part.lastIndex
    const match = part.exec(path)
    if (match === null) {
      throw new UsageError(`parse path "${path}": syntax error at character ${at + 1}`)
    }
    const name = match[1] ?? match[2] ?? match[3] ?? match[4]
    if (match[4] === undefined || !/^(\d+|\*|)$/.test(name)) names.push(name)
  }
  return names
}

/** The kind of value that lists and maps hold in the end. */
export function innermost(schema: Schema): Schema {
  if (schema.kind === 'list') return innermost(schema.item)
  return schema.kind === 'map' ? innermost(schema.value) : schema
}

/** Follows names down from an object. Throws UsageError with the nearest name. */
export function findField(root: Schema, names: readonly string[]): FoundField {
  let found: FoundField = { name: '', field: root }
  names.forEach((name, i) => {
    const schema = schemaOf(found.field)
    const around = names.slice(0, i).join('.')
    // The keys of a map are the user's.
    if (schema.kind === 'map') {
      found = { name, field: schema.value }
      return
    }
    const inner = innermost(schema)
    if (inner.kind !== 'object') {
      throw new UsageError(`find field: ${around} is of type ${inner.kind} and has no fields`)
    }
    if (!Object.hasOwn(inner.fields, name)) {
      const hint = didYouMean(name, Object.keys(inner.fields))
      const where = around === '' ? 'the resource' : around
      throw new UsageError(`find field: ${where} has no field "${name}"${hint}`)
    }
    found = { name, field: inner.fields[name] }
  })
  return found
}
