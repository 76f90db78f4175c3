import {
  type Event,
  type EventKey,
  encodeUtf8,
  type Filter,
  type Finding,
  findEventKind,
  findingLevels,
  type GetEventsResponse,
  type Process,
  utf8,
} from '@tetragon-ts/api'
import { FilterError } from '../filter-error.ts'
import { compileLabelSelector } from '../labels/label-selector.ts'
import { compileCapFilter } from './capability-filter.ts'
import { CompiledParts, loadExpressions } from './compiled-parts.ts'
import { Descendants } from './descendants.ts'

/** Fields of an event for filters. */
export interface FilterSubject {
  readonly key: EventKey
  readonly process?: Process
  readonly parent?: Process
  readonly ancestors?: readonly Process[]
  readonly policyName?: string
  readonly findings?: readonly Finding[]
  /** The whole event, for expressions. */
  readonly response: GetEventsResponse
}

/** A compiled filter. */
export type FilterMatch = (subject: FilterSubject) => boolean

type Compile<Value> = (value: Value, parts: CompiledParts) => FilterMatch
type Compilers = { readonly [K in keyof Filter]?: Compile<NonNullable<Filter[K]>> }

/** Maximum number of cached texts with their results. */
const cacheMax = 1024

/** Whether a pattern matches, for recurring texts, such as paths of binaries. */
function anyOfKnown(sources: readonly string[], parts: CompiledParts): (text: string) => boolean {
  const regexps = sources.map((source) => parts.pattern(source))
  const known = new Map<string, boolean>()
  return (text) => {
    const answer = known.get(text)
    if (answer !== undefined) return answer
    const found = regexps.some((regexp) => regexp.test(text))
    if (known.size >= cacheMax) known.clear()
    // A copy: the text may be a slice of a longer string, which it would keep alive.
    known.set(detached(text), found)
    return found
  }
}

function detached(text: string): string {
  const bytes = encodeUtf8(text)
  return utf8(bytes, 0, bytes.length)
}

/** Compiles patterns for binaries; a missing process matches none. */
function binaryPatterns(
  processOf: (subject: FilterSubject) => Process | undefined,
): Compile<readonly string[]> {
  return (sources, parts) => {
    const matches = anyOfKnown(sources, parts)
    return (subject) => {
      const process = processOf(subject)
      return process !== undefined && matches(process.binary ?? '')
    }
  }
}

/** Compiles patterns for one text of the subject; a missing text matches none. */
function patterns(
  textOf: (subject: FilterSubject) => string | undefined,
): Compile<readonly string[]> {
  return (sources, parts) => {
    const regexps = sources.map((source) => parts.pattern(source))
    return (subject) => {
      const text = textOf(subject)
      return text !== undefined && regexps.some((regexp) => regexp.test(text))
    }
  }
}

/** A process outside of any pod is in the namespace with the empty name. */
function namespaceOf({ process }: FilterSubject): string | undefined {
  return process === undefined ? undefined : (process.pod?.namespace ?? '')
}

let reading: typeof import('../cel/events/fields-read.ts') | undefined

/**
 * Loads the CEL library if the filters need it (others do without its code), and compiles their
 * patterns and expressions in slices of some milliseconds, so that other work of the thread
 * continues. Await it before
 * compileFilter and compileFilters.
 * @returns compiled parts for compileFilterLists; errors are reported there
 */
export async function prepareFilters(filters: readonly Filter[]): Promise<CompiledParts> {
  if (filters.some(({ cel_expression }) => !isUnset(cel_expression))) {
    await loadExpressions()
    reading ??= await import('../cel/events/fields-read.ts')
  }
  const parts = new CompiledParts()
  await parts.compileInSlices(filters)
  return parts
}

/**
 * Fields of messages that a filter's expressions read without testing them with `has`, such as
 * `Process.cap`. The filter must be prepared and compiled.
 */
export function expressionFields({ cel_expression = [] }: Filter): ReadonlySet<string> {
  return new Set(cel_expression.flatMap((each) => [...(reading?.fieldsRead(each) ?? [])]))
}

/**
 * The kinds of events that a filter's expressions name; events of other kinds are equal to them.
 * The filter must be prepared and compiled.
 */
export function expressionKinds({ cel_expression = [] }: Filter): ReadonlySet<string> {
  return new Set(cel_expression.flatMap((each) => [...(reading?.kindsRead(each) ?? [])]))
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
  binary_regex: binaryPatterns(({ process }) => process),
  arguments_regex: patterns(({ process }) => process && (process.arguments ?? '')),
  parent_binary_regex: binaryPatterns(({ parent }) => parent),
  parent_arguments_regex: patterns(({ parent }) => parent && (parent.arguments ?? '')),
  ancestor_binary_regex: (sources, parts) => {
    const matches = anyOfKnown(sources, parts)
    return ({ ancestors }) => ancestors?.some(({ binary }) => matches(binary ?? '')) ?? false
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
  container_name_regex: patterns(({ process }) => {
    const container = process?.pod?.container ?? process?.container
    return container && (container.name ?? '')
  }),
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
  finding_level: (lowest) => {
    const least = (findingLevels as readonly string[]).indexOf(lowest)
    if (least < 0) {
      const known = findingLevels.join(', ')
      throw new FilterError(`compile filter: unknown level ${lowest} (expected ${known})`)
    }
    const levels: ReadonlySet<string | undefined> = new Set(findingLevels.slice(least))
    return ({ findings }) =>
      findings?.some(({ level = findingLevels[0] }) => levels.has(level)) ?? false
  },
  cel_expression: (expressions, parts) => {
    const matches = expressions.map((expression) => parts.expression(expression))
    return ({ response }) => matches.some((match) => match(response))
  },
}

function isUnset(value: Filter[keyof Filter]): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
}

/** A filter, and a part that must see every event, whatever the result of other filters. */
interface CompiledFilter {
  readonly match: FilterMatch
  readonly descendants: Descendants | undefined
}

function compileOne(
  { pid_set = [], event_set, ...others }: Filter,
  parts: CompiledParts,
): CompiledFilter {
  const matches: FilterMatch[] = []
  // The kind of an event is tested first: most need no further decoding.
  for (const [field, value] of Object.entries({ event_set, ...others })) {
    if (isUnset(value)) continue
    const compile = Object.hasOwn(compilers, field) ? compilers[field as keyof Filter] : undefined
    if (compile === undefined) throw new FilterError(`compile filter: ${field} is not supported`)
    // The table's type ties each field to its values; entries of an object lose that tie.
    matches.push((compile as Compile<typeof value>)(value, parts))
  }
  const match: FilterMatch = (subject) => matches.every((each) => each(subject))
  if (pid_set.length === 0) return { match, descendants: undefined }
  const descendants = new Descendants(pid_set)
  return { match: (subject) => descendants.has(subject) && match(subject), descendants }
}

/** Compiled filters and the processes that they track. */
export interface CompiledFilters {
  readonly match: FilterMatch
  /** Passes running processes to `pid_set`; undefined if no filter has it. */
  readonly addRunning: ((processes: readonly Process[]) => void) | undefined
}

/**
 * Compiles a filter: an event must match every field that is set, in one of the field's values. A
 * filter with `pid_set` must be shown all events, in order.
 * @throws RegExpError for an invalid pattern, LabelSelectorError for an invalid selector, and
 *   FilterError for an invalid expression, an unknown event type or an unsupported field: ignoring
 *   it would let too many events pass
 */
export function compileFilter(filter: Filter): FilterMatch {
  return compileOne(filter, new CompiledParts()).match
}

/**
 * Compiles the two lists of a stream: an event passes if it matches a filter of `allow`, or that
 * list is empty, and none of `deny`.
 * @param parts of prepareFilters
 */
export function compileFilterLists(
  allow: readonly Filter[],
  deny: readonly Filter[],
  parts = new CompiledParts(),
): CompiledFilters {
  const allowed = allow.map((filter) => compileOne(filter, parts))
  const denied = deny.map((filter) => compileOne(filter, parts))
  const all = [...allowed, ...denied]
  const trackers = all.flatMap(({ descendants }) => descendants ?? [])
  const match: FilterMatch = (subject) =>
    (allowed.length === 0 || allowed.some((filter) => filter.match(subject))) &&
    !denied.some((filter) => filter.match(subject))
  if (trackers.length === 0) return { match, addRunning: undefined }
  return {
    match: (subject) => {
      const results = new Map(all.map((filter) => [filter, filter.match(subject)]))
      const isOneOf = (filters: readonly CompiledFilter[]): boolean =>
        filters.some((filter) => results.get(filter))
      return (allowed.length === 0 || isOneOf(allowed)) && !isOneOf(denied)
    },
    addRunning: (processes) => {
      for (const tracker of trackers) tracker.addRunning(processes)
    },
  }
}

/** The same as a single test. */
export function compileFilters(allow: readonly Filter[], deny: readonly Filter[]): FilterMatch {
  return compileFilterLists(allow, deny).match
}

/** The subject of filters for an event from JSON. */
export function filterSubject({ key, body, response }: Event): FilterSubject {
  return {
    key,
    response,
    process: 'process' in body ? body.process : undefined,
    parent: 'parent' in body ? body.parent : undefined,
    ancestors: 'ancestors' in body ? body.ancestors : undefined,
    policyName: 'policy_name' in body ? body.policy_name : undefined,
    findings: response.findings,
  }
}
