import type { FalcoCheck } from './condition.ts'
import { and, not, type Term, test, unknown } from './term.ts'

/** How a field is compared, whatever Falco's operator is called. */
export type How =
  | 'exists'
  | ('equals' | 'contains' | 'startswith' | 'endswith' | 'glob' | 'regex' | 'below')
  | ('lt' | 'lte' | 'gt' | 'gte')

/** A comparison with values of which one must match. */
export interface Comparison {
  readonly how: How
  readonly cased: boolean
  readonly values: readonly string[]
  /** All values must match. */
  readonly all: boolean
}

/** Translates a comparison with a field. */
export type FieldReader = (comparison: Comparison) => Term

const hows: Readonly<Record<string, How>> = {
  exists: 'exists',
  ...{ '=': 'equals', '==': 'equals', '!=': 'equals', in: 'equals' },
  ...{ contains: 'contains', icontains: 'contains', startswith: 'startswith' },
  ...{ endswith: 'endswith', glob: 'glob', iglob: 'glob', regex: 'regex', pmatch: 'below' },
  ...{ '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' },
}

/** Translates a check with the field that it names. */
export function compare(check: FalcoCheck, read: FieldReader): Term {
  const { field, operator, quantifier, values } = check
  const transformers = new Set(field.transformers)
  const other = [...transformers].find((name) => name !== 'tolower' && name !== 'toupper')
  if (other !== undefined) return unknown(`${other}() is not translated`)
  const how = Object.hasOwn(hows, operator) ? hows[operator] : undefined
  if (how === undefined) return unknown(`the operator ${operator} is not translated`)
  if (quantifier === 'oneof') return unknown('oneof (exactly one) is not translated')
  const comparison = {
    how,
    cased: transformers.size === 0 && operator !== 'icontains' && operator !== 'iglob',
    values,
    all: quantifier === 'allof' && values.length > 1,
  }
  const term = read(comparison)
  // Without a value, != is false, too.
  const present = (): Term => read({ how: 'exists', cased: true, values: [], all: false })
  return operator === '!=' ? and([present(), not(term)]) : term
}

/** A plain text for Sigma, where `*`, `?` and `\` have a meaning. */
export function plain(text: string): string {
  return text.replace(/[\\*?]/g, '\\$&')
}

/** A text for a regular expression. */
export function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, (each) =>
    each === '/' || each === '-' ? each : `\\${each}`,
  )
}

/** The regular expression of a file name pattern. */
export function globExpression(pattern: string): string {
  return pattern.replace(/\\([\s\S])|\*|\?|\[!?[^\]]*\]|[\s\S]/g, (part, escaped) => {
    if (escaped !== undefined) return literal(escaped)
    if (part === '*') return '.*'
    if (part === '?') return '.'
    if (part.length > 1) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\')
    return literal(part)
  })
}

/** A test with modifiers, without those that do not apply. */
export function textTest(
  field: string,
  modifiers: readonly string[],
  { cased, all }: Pick<Comparison, 'cased' | 'all'>,
  values: readonly string[],
): Term {
  const parts = [field, ...modifiers, ...(all ? ['all'] : []), ...(cased ? ['cased'] : [])]
  return test(parts.join('|'), ...values)
}

/** A test by regular expressions. */
export function expressionTest(
  field: string,
  { cased, all }: Pick<Comparison, 'cased' | 'all'>,
  expressions: readonly string[],
): Term {
  const parts = [field, 're', ...(cased ? [] : ['i']), ...(all ? ['all'] : [])]
  return test(parts.join('|'), ...expressions)
}
