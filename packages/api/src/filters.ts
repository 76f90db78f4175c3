import { compileCapFilter } from './capability-filter.ts'
import type { Event } from './event.ts'
import { type EventKey, findEventKind } from './event-type.ts'
import { compileLabelSelector } from './label-selector.ts'
import type { Filter } from './messages/filter.ts'
import type { Process } from './messages/process.ts'
import { compileRegExp } from './regexp.ts'

/** What filters look at in an event. */
export interface FilterSubject {
  readonly key: EventKey
  readonly process?: Process
  readonly parent?: Process
  readonly ancestors?: readonly Process[]
  readonly policyName?: string
}

/** A filter ready for use. */
export type FilterMatch = (subject: FilterSubject) => boolean

/** Thrown for a filter that cannot be evaluated. */
export class FilterError extends Error {
  override readonly name = 'FilterError'
  readonly code = 'invalid_filter'
}

type Compile<Value> = (value: Value) => FilterMatch
type Compilers = { readonly [K in keyof Filter]?: Compile<NonNullable<Filter[K]>> }

/** Compiles patterns that are tried on one text of the subject; a missing text matches none. */
function patterns(
  textOf: (subject: FilterSubject) => string | undefined,
): Compile<readonly string[]> {
  return (sources) => {
    const regexps = sources.map(compileRegExp)
    return (subject) => {
      const text = textOf(subject)
      return text !== undefined && regexps.some((regexp) => regexp.test(text))
    }
  }
}

/** A process outside of any pod counts as one in the namespace with the empty name. */
function namespaceOf({ process }: FilterSubject): string | undefined {
  return process === undefined ? undefined : (process.pod?.namespace ?? '')
}

function eventSet(types: readonly (string | number)[]): FilterMatch {
  const keys = new Set<EventKey>()
  for (const type of types) {
    const kind = findEventKind(type)
    if (kind === undefined) throw new FilterError(`compile filter: unknown event type ${type}`)
    keys.add(kind.key)
  }
  return ({ key }) => keys.has(key)
}

const compilers: Compilers = {
  event_set: eventSet,
  binary_regex: patterns(({ process }) => process && (process.binary ?? '')),
  arguments_regex: patterns(({ process }) => process && (process.arguments ?? '')),
  parent_binary_regex: patterns(({ parent }) => parent && (parent.binary ?? '')),
  parent_arguments_regex: patterns(({ parent }) => parent && (parent.arguments ?? '')),
  ancestor_binary_regex: (sources) => {
    const regexps = sources.map(compileRegExp)
    return ({ ancestors }) =>
      ancestors?.some(({ binary }) => regexps.some((regexp) => regexp.test(binary ?? ''))) ?? false
  },
  namespace: (names) => {
    const wanted = new Set(names)
    return (subject) => {
      const namespace = namespaceOf(subject)
      return namespace !== undefined && wanted.has(namespace)
    }
  },
  namespace_regex: patterns(namespaceOf),
  pod_regex: patterns(({ process }) => process?.pod && (process.pod.name ?? '')),
  container_name_regex: patterns(
    ({ process }) => process?.pod?.container && (process.pod.container.name ?? ''),
  ),
  container_id: patterns(({ process }) => process && (process.docker ?? '')),
  policy_names: (names) => {
    const wanted = new Set(names)
    return ({ policyName }) => policyName !== undefined && wanted.has(policyName)
  },
  pid: (pids) => {
    const wanted = new Set(pids)
    return ({ process }) => process?.pid !== undefined && wanted.has(process.pid)
  },
  labels: (selectors) => {
    const matches = selectors.map(compileLabelSelector)
    return ({ process }) => {
      const pod = process?.pod
      return pod !== undefined && matches.some((match) => match(pod.pod_labels ?? {}))
    }
  },
  capabilities: (filter) => {
    const match = compileCapFilter(filter)
    return ({ process }) => match(process?.cap)
  },
  health_check: (wanted) => {
    return ({ process }) =>
      process !== undefined && (process.pod?.container?.maybe_exec_probe ?? false) === wanted
  },
  in_init_tree: (wanted) => {
    return ({ process }) => process !== undefined && (process.in_init_tree ?? false) === wanted
  },
}

function isUnset(value: Filter[keyof Filter]): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0)
}

/**
 * Compiles a filter: an event must match every field that is set, in one of the field's values.
 * Throws RegExpError for a bad pattern, LabelSelectorError for a bad selector, and FilterError for an event type that does not exist or a
 * field that is not supported: ignoring it would let through more than was asked for.
 */
export function compileFilter(filter: Filter): FilterMatch {
  const matches: FilterMatch[] = []
  for (const [field, value] of Object.entries(filter)) {
    if (isUnset(value)) continue
    const compile = Object.hasOwn(compilers, field) ? compilers[field as keyof Filter] : undefined
    if (compile === undefined) throw new FilterError(`compile filter: ${field} is not supported`)
    // The table's type ties each field to its values; entries of an object lose that tie.
    matches.push((compile as Compile<typeof value>)(value))
  }
  return (subject) => matches.every((match) => match(subject))
}

/**
 * Compiles the two lists of a stream: an event passes when it matches a filter of `allow`, or that
 * list is empty, and none of `deny`.
 */
export function compileFilters(allow: readonly Filter[], deny: readonly Filter[]): FilterMatch {
  const allowed = allow.map(compileFilter)
  const denied = deny.map(compileFilter)
  return (subject) =>
    (allowed.length === 0 || allowed.some((match) => match(subject))) &&
    !denied.some((match) => match(subject))
}

/** What filters look at in an event that came as JSON. */
export function filterSubject({ key, body }: Event): FilterSubject {
  return {
    key,
    process: 'process' in body ? body.process : undefined,
    parent: 'parent' in body ? body.parent : undefined,
    ancestors: 'ancestors' in body ? body.ancestors : undefined,
    policyName: 'policy_name' in body ? body.policy_name : undefined,
  }
}
