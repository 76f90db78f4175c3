import type { FieldFilter, Filter, GetEventsRequest } from '@tetragon-ts/api'
import { FilterError } from '../filter-error.ts'
import { estimatedSize } from '../regexp/regexp-size.ts'

// Cost of a request for the server, in instructions of regular expressions: each takes up to 7 µs
// and 600 bytes, and testing a short pattern takes about a microsecond per event.

/** Limit of a request: some 1,400 patterns such as `^/usr/bin/x$`, 20 MB. */
export const requestSizeMax = 32_768

/** Fixed cost of a pattern, of a filter, of an expression. */
const baseSize = 8
/** An expression costs several times as much as a pattern. */
const expressionSize = 64

const ofPattern = (pattern: string): number => baseSize + estimatedSize(pattern)

/** Cost of a field's value; other fields have numbers or names, which are almost free. */
const sizes: { readonly [K in keyof Filter]?: (value: string) => number } = {
  binary_regex: ofPattern,
  arguments_regex: ofPattern,
  parent_binary_regex: ofPattern,
  parent_arguments_regex: ofPattern,
  ancestor_binary_regex: ofPattern,
  namespace_regex: ofPattern,
  pod_regex: ofPattern,
  container_name_regex: ofPattern,
  container_id: ofPattern,
  labels: (selector) => baseSize + selector.length,
  cel_expression: (expression) => expressionSize + estimatedSize(expression),
}

/**
 * Cost of a request's filters in instructions, without compiling them.
 * @throws FilterError above {@link requestSizeMax}
 */
export function requestSize(request: GetEventsRequest): number {
  const { allow_list = [], deny_list = [], field_filters = [] } = request
  let size = 0
  const add = (more: number, what: string): void => {
    size += more
    if (size <= requestSizeMax) return
    throw new FilterError(
      `compile filters: together they compile to more than ${requestSizeMax} instructions (${what}); ` +
        'join patterns, or use fewer',
    )
  }
  for (const filter of [...allow_list, ...deny_list]) addFilter(filter, add)
  for (const filter of field_filters) add(fieldFilterSize(filter), 'field_filters')
  return size
}

function addFilter(filter: Filter, add: (more: number, what: string) => void): void {
  add(baseSize, 'filters')
  const { capabilities, ...lists } = filter
  // Stops at the limit: a request may have millions of values.
  for (const [field, value] of Object.entries(lists)) {
    const sizeOf = sizes[field as keyof Filter]
    for (const each of Array.isArray(value) ? value : []) {
      add(sizeOf !== undefined && typeof each === 'string' ? sizeOf(each) : 1, field)
    }
  }
  for (const set of Object.values(capabilities ?? {})) {
    for (const names of Object.values(set)) add(names.length, 'capabilities')
  }
}

function fieldFilterSize({ fields = '', event_set = [] }: FieldFilter): number {
  return baseSize + fields.length + event_set.length
}
