import { readdirSync, readFileSync } from 'node:fs'

/** Declarations in a set of `.proto` files. Each field and each value is on its own line. */
export interface Declarations {
  /** By message and field: the declaration without the name, such as `repeated string = 4`. */
  readonly fields: ReadonlyMap<string, string>
  /** By enumeration and value: its number. */
  readonly values: ReadonlyMap<string, string>
  /** By service and procedure: the types, such as `(A) returns (stream B)`. */
  readonly procedures: ReadonlyMap<string, string>
  /** Names of enumerations, with the number of values. */
  readonly enums: ReadonlyMap<string, number>
}

const opening = /^(message|enum|service|oneof) (\w+) \{(\})?$/
const field = /^((?:(?:optional|repeated) )?(?:map<string, [\w.]+>|[\w.]+)) (\w+) (= \d+.*);$/
const value = /^(\w+) = (\d+)( \[deprecated = true\])?;$/
const procedure = /^rpc (\w+)(\(\w+\) returns \((?:stream )?\w+\))/

/** Reads all files of a folder. */
export function readProto(folder: URL): Declarations {
  const fields = new Map<string, string>()
  const values = new Map<string, string>()
  const procedures = new Map<string, string>()
  const enums = new Map<string, number>()
  const open: { kind: string; name: string }[] = []
  const names = readdirSync(folder).filter((name) => name.endsWith('.proto'))
  const texts = names.map((name) => readFileSync(new URL(name, folder), 'utf8'))
  for (const line of texts.join('\n').split('\n')) {
    const text = line.trim()
    const [, kind, name, isEmpty] = opening.exec(text) ?? []
    if (kind !== undefined && isEmpty === undefined) open.push({ kind, name })
    if (text === '}') open.pop()
    const path = open.filter(({ kind }) => kind !== 'oneof').map(({ name }) => name)
    const inside = path.join('.')
    const [, type, fieldName, rest] = field.exec(text) ?? []
    const [, valueName, number] = value.exec(text) ?? []
    const [, procedureName, types] = procedure.exec(text) ?? []
    if (procedureName !== undefined) procedures.set(`${inside}.${procedureName}`, types)
    else if (open.at(-1)?.kind === 'enum' && valueName !== undefined) {
      values.set(`${inside}.${valueName}`, number)
      enums.set(inside, (enums.get(inside) ?? 0) + 1)
    } else if (fieldName !== undefined && inside !== '') {
      fields.set(`${inside}.${fieldName}`, `${type} ${rest}`)
    }
  }
  return { fields, values, procedures, enums }
}
