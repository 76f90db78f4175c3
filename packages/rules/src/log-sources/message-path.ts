import type { MessageType, ScalarType } from '@tetragon-ts/api'
import type { FieldKind, FieldValue } from './field.ts'

/** A path into a message. */
export interface MessagePath {
  readonly kind: FieldKind
  readonly read: (message: object) => FieldValue
}

type Members = Readonly<Record<string, unknown>>

/**
 * Resolves a dotted path of fields of a message: `pod.namespace`. After a map, the remaining path
 * is a key: `pod.pod_labels.app.kubernetes.io/name`. Undefined if it names no value.
 */
export function readPath(type: MessageType, path: string): MessagePath | undefined {
  const steps: string[] = []
  let message = type
  let left = path
  while (true) {
    const end = left.indexOf('.')
    const name = end < 0 ? left : left.slice(0, end)
    const field = Object.hasOwn(message.fields, name) ? message.fields[name] : undefined
    if (field === undefined) return undefined
    steps.push(name)
    left = end < 0 ? '' : left.slice(end + 1)
    if (field.shape === 'map') {
      if (left === '') return undefined
      return { kind: 'text', read: reader(steps, left) }
    }
    if (typeof field.type === 'string' || field.type.kind === 'enum') {
      return left === '' ? { kind: kindOf(field.type), read: reader(steps) } : undefined
    }
    if (left === '') return undefined
    message = field.type
  }
}

/** Paths of all values of a message; `KEY` stands for the keys of maps. */
export function scalarPaths(type: MessageType, prefix = ''): Map<string, FieldKind> {
  const paths = new Map<string, FieldKind>()
  for (const [name, field] of Object.entries(type.fields)) {
    const path = `${prefix}${name}`
    if (field.shape === 'map') paths.set(`${path}.KEY`, 'text')
    else if (typeof field.type === 'string' || field.type.kind === 'enum') {
      paths.set(path, kindOf(field.type))
    } else for (const [inner, kind] of scalarPaths(field.type, `${path}.`)) paths.set(inner, kind)
  }
  return paths
}

function kindOf(type: ScalarType | { readonly kind: string }): FieldKind {
  if (type === 'Timestamp') return 'time'
  if (type === 'bool' || type === 'BoolValue') return 'flag'
  return typeof type === 'string' && /int|fixed/i.test(type) ? 'number' : 'text'
}

/** @param key of the map that the path leads to */
function reader(steps: readonly string[], key?: string): (message: object) => FieldValue {
  return (message) => {
    const found: string[] = []
    collect(message, { steps, key }, 0, found)
    return found.length === 0 ? undefined : found.length === 1 ? found[0] : found
  }
}

interface Route {
  readonly steps: readonly string[]
  readonly key: string | undefined
}

/**
 * Lists on the way count each of their items. Fields may be getters that an object inherits, as
 * those of cached processes; keys of maps are from outside and may be names such as `constructor`.
 */
function collect(value: unknown, route: Route, at: number, found: string[]): void {
  if (value === undefined || value === null) return
  const { steps, key } = route
  if (Array.isArray(value)) for (const item of value) collect(item, route, at, found)
  else if (at < steps.length) {
    if (typeof value === 'object') collect((value as Members)[steps[at]], route, at + 1, found)
  } else if (at === steps.length && key !== undefined) {
    if (typeof value !== 'object' || !Object.hasOwn(value, key)) return
    collect((value as Members)[key], route, at + 1, found)
  } else if (typeof value !== 'object') found.push(String(value))
}
