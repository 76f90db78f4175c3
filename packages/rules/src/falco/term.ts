import { FalcoSyntaxError } from './tokens.ts'

/** Maximum number of tests and values of a condition. */
const largest = 100_000

/** Value of a test, as Sigma writes it. */
export type TermValue = string | number | boolean

/** A condition in the terms of a log source. */
export type Term =
  | { readonly kind: 'constant'; readonly value: boolean }
  /** What cannot be translated; harmless if the rest decides without it. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** A field with modifiers, and values of which one must match. */
  | { readonly kind: 'test'; readonly key: string; readonly values: readonly TermValue[] }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Term[]; readonly size: number }
  | { readonly kind: 'not'; readonly of: Term }

export const always: Term = { kind: 'constant', value: true }
export const never: Term = { kind: 'constant', value: false }

export function unknown(reason: string): Term {
  return { kind: 'unknown', reason }
}

export function test(key: string, ...values: readonly TermValue[]): Term {
  return { kind: 'test', key, values }
}

export function not(term: Term): Term {
  if (term.kind === 'constant') return term.value ? never : always
  if (term.kind === 'unknown') return term
  return term.kind === 'not' ? term.of : { kind: 'not', of: term }
}

export function and(terms: readonly Term[]): Term {
  return join('and', terms)
}

export function or(terms: readonly Term[]): Term {
  return join('or', terms)
}

/** Joins terms; what one of them decides alone is decided, also if others are unknown. */
function join(kind: 'and' | 'or', terms: readonly Term[]): Term {
  const isNeutral = kind === 'and'
  const left = terms
    .flatMap((term) => (term.kind === kind ? term.of : [term]))
    .filter((term) => term.kind !== 'constant' || term.value !== isNeutral)
  const decided = left.find((term) => term.kind === 'constant')
  if (decided !== undefined) return decided
  if (left.length === 0) return isNeutral ? always : never
  const of = kind === 'or' ? merged(left) : unique(left)
  if (of.length === 1) return of[0]
  const size = of.reduce((sum, each) => sum + sizeOf(each), 0)
  // Macros inside macros may double it 50 times.
  if (size > largest) throw new FalcoSyntaxError(`the condition has more than ${largest} parts`)
  return { kind, of, size }
}

function sizeOf(term: Term): number {
  if (term.kind === 'and' || term.kind === 'or') return term.size
  if (term.kind === 'not') return sizeOf(term.of)
  return term.kind === 'test' ? term.values.length : 1
}

/** Without tests that are there twice, as `!=` and `exists` of one field are. */
function unique(terms: readonly Term[]): Term[] {
  const seen = new Set<string>()
  return terms.filter((term) => {
    if (term.kind !== 'test') return true
    const text = JSON.stringify(term)
    return !seen.has(text) && seen.add(text)
  })
}

/** Tests of one field are one test with several values. */
function merged(terms: readonly Term[]): Term[] {
  const byKey = new Map<string, Set<TermValue>>()
  const others: Term[] = []
  for (const term of terms) {
    if (term.kind !== 'test' || term.key.endsWith('|all')) others.push(term)
    else {
      const values = byKey.get(term.key) ?? new Set()
      for (const value of term.values) values.add(value)
      byKey.set(term.key, values)
    }
  }
  return [...[...byKey].map(([key, values]) => test(key, ...values)), ...others]
}

/** The first reason why a term cannot be translated. */
export function whyUnknown(term: Term): string | undefined {
  if (term.kind === 'unknown') return term.reason
  if (term.kind === 'not') return whyUnknown(term.of)
  if (term.kind !== 'and' && term.kind !== 'or') return undefined
  for (const each of term.of) {
    const reason = whyUnknown(each)
    if (reason !== undefined) return reason
  }
  return undefined
}
