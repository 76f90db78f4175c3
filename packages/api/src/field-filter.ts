import type { Event } from './event.ts'
import { type EventKey, eventMessages, findEventKind } from './event-type.ts'
import { FilterError } from './filter-error.ts'
import type { MessageType } from './message.ts'
import type { GetEventsResponse } from './messages/event.ts'
import type { FieldFilter } from './messages/filter.ts'

/** Which fields of an event to keep: dotted paths below the event, such as `process.pod.name`. */
export interface FieldSelection {
  /** Keep only these; all if empty. */
  readonly include: readonly string[]
  /** Drop these. */
  readonly exclude: readonly string[]
}

/** Thrown for a path that no event has. */
export class FieldPathError extends Error {
  override readonly name = 'FieldPathError'
  readonly code = 'unknown_field'
}

/** Paths as a tree; null marks the end of a path. */
type Tree = Map<string, Tree | null>

function hasPath(message: MessageType, path: readonly string[]): boolean {
  if (!Object.hasOwn(message.fields, path[0])) return false
  const { type, shape } = message.fields[path[0]]
  if (path.length === 1) return true
  if (shape === 'map') return path.length === 2
  return typeof type !== 'string' && type.kind === 'message' && hasPath(type, path.slice(1))
}

function addPath(tree: Tree, path: readonly string[]): void {
  const below = tree.get(path[0])
  if (path.length === 1 || below === null) {
    tree.set(path[0], null)
    return
  }
  const next = below ?? new Map()
  tree.set(path[0], next)
  addPath(next, path.slice(1))
}

function treeOf(paths: readonly string[]): Tree {
  const tree: Tree = new Map()
  for (const text of paths) {
    const path = text.split('.')
    if (!Object.values(eventMessages).some((message) => hasPath(message, path))) {
      throw new FieldPathError(`select fields: no event has a field ${text}`)
    }
    addPath(tree, path)
  }
  return tree
}

function select(value: unknown, tree: Tree, keep: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => select(item, tree, keep))
  if (typeof value !== 'object' || value === null) return value
  const kept: [string, unknown][] = []
  for (const [name, item] of Object.entries(value)) {
    const below = tree.get(name)
    if (below === undefined ? !keep : below === null && keep) kept.push([name, item])
    else if (below) kept.push([name, select(item, below, keep)])
  }
  // fromEntries defines properties, so that a key `__proto__` stays a key.
  return Object.fromEntries(kept)
}

/**
 * Compiles a selection of fields to a function that writes an event as one line of JSON. The
 * envelope (node name, time and so on) is always kept. Throws FieldPathError for a path that no
 * kind of event has.
 */
export function compileFieldFilter(selection: FieldSelection): (event: Event) => string {
  const include = selection.include.length > 0 ? treeOf(selection.include) : undefined
  const exclude = selection.exclude.length > 0 ? treeOf(selection.exclude) : undefined
  return ({ key, body, response }) => {
    let selected: unknown = body
    if (include !== undefined) selected = select(selected, include, true)
    if (exclude !== undefined) selected = select(selected, exclude, false)
    return JSON.stringify({ ...response, [key]: selected })
  }
}

/** One filter: what it makes of the body of an event. */
function compileOne(filter: FieldFilter): (key: EventKey, body: unknown) => unknown {
  const { event_set = [], fields = '', action = 'INCLUDE', invert_event_set = false } = filter
  const keys = new Set(
    event_set.map((type) => {
      const kind = findEventKind(type)
      if (kind === undefined) throw new FilterError(`select fields: unknown event type ${type}`)
      return kind.key
    }),
  )
  if (action !== 'INCLUDE' && action !== 'EXCLUDE') {
    throw new FilterError(`select fields: unknown action ${action}`)
  }
  const tree = treeOf(fields.split(',').filter((path) => path !== ''))
  const keep = action === 'INCLUDE'
  return (key, body) => {
    const applies = keys.size === 0 || keys.has(key) !== invert_event_set
    return applies && tree.size > 0 ? select(body, tree, keep) : body
  }
}

/**
 * Compiles the field filters of a request, which are applied one after the other, each to the events
 * of its types (all if it names none). The envelope is always kept.
 * Throws FieldPathError and FilterError.
 */
export function compileFieldFilters(
  filters: readonly FieldFilter[],
): (event: Event) => GetEventsResponse {
  const compiled = filters.map(compileOne)
  return ({ key, body, response }) => {
    const selected = compiled.reduce<unknown>((rest, filter) => filter(key, rest), body)
    return { ...response, [key]: selected }
  }
}
