import type { Filter, GetEventsResponse } from '@tetragon-ts/api'
import { FilterError } from '../filter-error.ts'
import { compileRegExp, type Pattern } from '../regexp/regexp.ts'

type Expression = (event: GetEventsResponse) => boolean

let compileExpression: ((expression: string) => Expression) | undefined

/** Loads the CEL library. */
export async function loadExpressions(): Promise<void> {
  compileExpression ??= (await import('../cel/events/compile-expression.ts')).compileExpression
}

/** Fields whose values are patterns. */
const patternFields = [
  ...(['binary_regex', 'arguments_regex', 'parent_binary_regex'] as const),
  ...(['parent_arguments_regex', 'ancestor_binary_regex', 'namespace_regex'] as const),
  ...(['pod_regex', 'container_name_regex', 'container_id'] as const),
]

/** Maximum time of a compilation slice, in milliseconds. */
const sliceMs = 4

/** Patterns and expressions of filters, each compiled once. */
export class CompiledParts {
  readonly #patterns = new Map<string, Pattern>()
  readonly #expressions = new Map<string, Expression>()

  /** @throws RegExpError */
  pattern(source: string): Pattern {
    const pattern = this.#patterns.get(source) ?? compileRegExp(source)
    this.#patterns.set(source, pattern)
    return pattern
  }

  /** @throws FilterError */
  expression(source: string): Expression {
    const compile = compileExpression
    if (compile === undefined) throw new FilterError('compile filter: cel_expression is not loaded')
    const expression = this.#expressions.get(source) ?? compile(source)
    this.#expressions.set(source, expression)
    return expression
  }

  /**
   * Compiles the parts of filters, up to the first error, in slices between which other work runs.
   */
  async compileInSlices(filters: readonly Filter[]): Promise<void> {
    let sliceEnd = performance.now() + sliceMs
    for (const compile of this.#allOf(filters)) {
      try {
        compile()
      } catch {
        return // found again, and thrown, by those who use it
      }
      if (performance.now() < sliceEnd) continue
      await new Promise<void>((resolve) => setTimeout(resolve, 0))
      sliceEnd = performance.now() + sliceMs
    }
  }

  *#allOf(filters: readonly Filter[]): Iterable<() => void> {
    for (const filter of filters) {
      for (const field of patternFields) {
        for (const source of filter[field] ?? []) yield () => this.pattern(source)
      }
      for (const source of filter.cel_expression ?? []) yield () => this.expression(source)
    }
  }
}
