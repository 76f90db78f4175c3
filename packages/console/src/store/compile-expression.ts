import { codecOf, eventOf, GetEventsResponse } from '@tetragon-ts/api'
import {
  compileFilter,
  expressionKinds,
  FilterError,
  filterSubject,
  prepareFilters,
  requestSize,
} from '@tetragon-ts/policy/filters'
import type { Match } from './filter.ts'
import { type FilterProblem, splitFilter } from './filter-text.ts'

const codec = codecOf(GetEventsResponse)

/** A compiled expression, or what is wrong with it. */
export type CompiledExpression =
  | { readonly match: Match; readonly problem?: undefined }
  | { readonly problem: FilterProblem; readonly match?: undefined }

/**
 * Compiles the expression of a filter with the rules and the limits of the agent. It matches events
 * that can be decoded.
 */
export async function compileExpression(text: string): Promise<CompiledExpression> {
  const { expression, expressionStart: start } = splitFilter(text)
  if (expression === '') return { match: () => true }
  const filter = { cel_expression: [expression] }
  try {
    requestSize({ allow_list: [filter] })
    await prepareFilters([filter])
    return { match: matchOf(compileFilter(filter), expressionKinds(filter)) }
  } catch (error) {
    const { message } = error as Error
    const range = error instanceof FilterError ? error.range : undefined
    if (range === undefined) {
      return { problem: { start, end: start + expression.length, message } }
    }
    const reason = `compile CEL expression: ${range.reason} at character ${range.start + 1}`
    return { problem: { start: start + range.start, end: start + range.end, message: reason } }
  }
}

/** Events of kinds that the expression does not name are decoded once for each kind. */
function matchOf(match: ReturnType<typeof compileFilter>, kinds: ReadonlySet<string>): Match {
  const answers = new Map<string, boolean>()
  return (subject) => {
    const { kind = '' } = subject.fields
    const known = answers.get(kind)
    if (known !== undefined) return known
    const { bytes } = subject
    const answer = bytes !== undefined && matchBytes(bytes, match)
    // Events without a kind cannot be decoded.
    if (kind !== '' && !kinds.has(kind)) answers.set(kind, answer)
    return answer
  }
}

function matchBytes(bytes: Uint8Array, match: ReturnType<typeof compileFilter>): boolean {
  try {
    const parsed = eventOf(codec.decode(bytes))
    return parsed.ok && match(filterSubject(parsed.event))
  } catch {
    return false
  }
}
