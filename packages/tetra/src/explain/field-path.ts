import { type Field, innermost, type Schema, schemaOf } from '@tetragon-ts/policy/schema'
import { didYouMean } from '@tetragon-ts/service/options'
import { UsageError } from '../usage-error.ts'

/** A field and its properties in the parent. */
export interface FoundField {
  /** The last name of the path. */
  readonly name: string
  readonly field: Field
}

/**
 * Splits `spec.kprobes[0].args` or `spec["kprobes"][].args` into names; list indexes are omitted.
 * @throws UsageError
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

/** Follows names from an object. @throws UsageError with the nearest name */
export function findField(root: Schema, names: readonly string[]): FoundField {
  let found: FoundField = { name: '', field: root }
  names.forEach((name, i) => {
    const schema = schemaOf(found.field)
    const around = names.slice(0, i).join('.')
    // Keys of a map are user-defined.
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
