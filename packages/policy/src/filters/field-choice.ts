import { eventKinds, type MessageType } from '@tetragon-ts/api'
import type { ErrorCodeOf } from '../error-codes.ts'

/**
 * Which members of an object to keep. A member is kept as a whole unless it has its own selection.
 */
export interface FieldChoice {
  /** Whether unnamed members are kept. */
  readonly others: boolean
  readonly named: ReadonlyMap<string, boolean | FieldChoice>
}

/** Thrown for a path that no event has. */
export class FieldPathError extends Error {
  override readonly name = 'FieldPathError'
  readonly code: ErrorCodeOf<'FieldPathError'> = 'unknown_field'
}

/** Paths as a tree; null marks the end of a path. */
type Tree = Map<string, Tree | null>

/** Paths to keep, or to drop. */
export interface FieldPaths {
  readonly keep: boolean
  readonly tree: Tree
}

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

/**
 * Parses dotted paths of events, such as `process.pod.name`.
 * @throws FieldPathError for a path that no kind of event has
 */
export function readFieldPaths(paths: readonly string[], keep: boolean): FieldPaths {
  const tree: Tree = new Map()
  for (const text of paths) {
    const path = text.split('.')
    if (!eventKinds.some(({ message }) => hasPath(message, path))) {
      throw new FieldPathError(`select fields: no event has a field ${text}`)
    }
    addPath(tree, path)
  }
  return { keep, tree }
}

/** The result of applying all of these in order. */
export function chooseFields(all: readonly FieldPaths[]): FieldChoice {
  const names = new Set(all.flatMap(({ tree }) => [...tree.keys()]))
  return {
    others: !all.some(({ keep }) => keep),
    named: new Map([...names].map((name) => [name, chooseMember(all, name)])),
  }
}

function chooseMember(all: readonly FieldPaths[], name: string): boolean | FieldChoice {
  const below: FieldPaths[] = []
  for (const { keep, tree } of all) {
    const rest = tree.get(name)
    if (rest) below.push({ keep, tree: rest })
    else if ((rest === null) !== keep) return false
  }
  return below.length === 0 || chooseFields(below)
}

/** Applies a selection to a value of parsed JSON; for a list, to each item. */
export function keepChosen(value: unknown, choice: FieldChoice): unknown {
  if (Array.isArray(value)) return value.map((item) => keepChosen(item, choice))
  if (typeof value !== 'object' || value === null) return value
  const kept: [string, unknown][] = []
  for (const [name, item] of Object.entries(value)) {
    const chosen = choice.named.get(name) ?? choice.others
    if (chosen === true) kept.push([name, item])
    else if (chosen !== false) kept.push([name, keepChosen(item, chosen)])
  }
  // fromEntries defines properties, so a key `__proto__` remains a key.
  return Object.fromEntries(kept)
}
