import {
  type Event,
  type EventKey,
  eventKinds,
  type FieldFilter,
  findEventKind,
  type GetEventsResponse,
} from '@tetragon-ts/api'
import { FilterError } from '../filter-error.ts'
import { extensionPaths } from './extension-paths.ts'
import {
  chooseFields,
  type FieldChoice,
  type FieldPaths,
  keepChosen,
  readFieldPaths,
} from './field-choice.ts'

/** Selection of an event's fields: dotted paths, such as `process.pod.name`. */
export interface FieldSelection {
  /** Keep only these; all if empty. */
  readonly include: readonly string[]
  /** Drop these. */
  readonly exclude: readonly string[]
}

/**
 * Compiles a selection of fields to a function that writes an event as one line of JSON. The
 * envelope (node name, time and so on) is always kept.
 * @throws FieldPathError for a path that no kind of event has
 */
export function compileFieldFilter({ include, exclude }: FieldSelection): (event: Event) => string {
  const kept = include.length > 0 ? [readFieldPaths(include, true)] : []
  const dropped = exclude.length > 0 ? [readFieldPaths(exclude, false)] : []
  const choice = chooseFields([...kept, ...dropped])
  return ({ key, body, response }) =>
    JSON.stringify({ ...response, [key]: keepChosen(body, choice) })
}

/** The paths of a filter, and the events that it applies to. */
interface ReadFilter {
  readonly paths: FieldPaths
  appliesTo(key: EventKey): boolean
}

function readFilter(filter: FieldFilter): ReadFilter {
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
  const written = fields.split(',').filter((path) => path !== '')
  return {
    paths: readFieldPaths(written, action === 'INCLUDE'),
    appliesTo: (key) =>
      written.length > 0 && (keys.size === 0 || keys.has(key) !== invert_event_set),
  }
}

/**
 * The selection of each kind of event after applying all field filters in order, each to the events
 * of its types (all if it names none). Kinds without a selection are unchanged.
 * @param hasExtensions whether fields that Tetragon does not have are kept
 * @throws FieldPathError and FilterError
 */
export function fieldChoices(
  filters: readonly FieldFilter[],
  hasExtensions = true,
): ReadonlyMap<EventKey, FieldChoice> {
  const read = filters.map(readFilter)
  return new Map(
    eventKinds.flatMap(({ key, message }) => {
      const selected = read.filter(({ appliesTo }) => appliesTo(key)).map(({ paths }) => paths)
      const extensions = hasExtensions ? undefined : extensionPaths(message)
      const applied = extensions === undefined ? selected : [...selected, extensions]
      return applied.length === 0 ? [] : [[key, chooseFields(applied)]]
    }),
  )
}

/**
 * Compiles the field filters of a request. The envelope is always kept.
 * @throws FieldPathError and FilterError
 */
export function compileFieldFilters(
  filters: readonly FieldFilter[],
): (event: Event) => GetEventsResponse {
  const choices = fieldChoices(filters)
  return ({ key, body, response }) => {
    const choice = choices.get(key)
    return choice === undefined ? response : { ...response, [key]: keepChosen(body, choice) }
  }
}
