import type { Event } from './event.ts'
import { eventMessages } from './event-type.ts'
import type { MessageType } from './message.ts'

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
