/** A field as conditions and outputs write it: `proc.aname[2]`, `tolower(proc.name)`. */
export interface FalcoField {
  readonly name: string
  /** The part in brackets. */
  readonly argument?: string
  /** Functions around the field, the outermost first. */
  readonly transformers: readonly string[]
  /** As it is written. */
  readonly text: string
}

/** A comparison of a field. */
export interface FalcoCheck {
  readonly kind: 'check'
  readonly field: FalcoField
  /** `exists` has no values. */
  readonly operator: string
  readonly quantifier?: 'oneof' | 'anyof' | 'allof'
  /** Lists are expanded. */
  readonly values: readonly string[]
}

/** A condition of a rule or macro. */
export type FalcoCondition =
  | { readonly kind: 'and' | 'or'; readonly of: readonly FalcoCondition[] }
  | { readonly kind: 'not'; readonly of: FalcoCondition }
  | { readonly kind: 'macro'; readonly name: string }
  | FalcoCheck

/** Operators whose value is a list in parentheses. */
const ofLists = new Set(['in', 'intersects', 'pmatch'])

/** Operators with one value. */
const ofValues = new Set([
  ...['=', '==', '!=', '<', '<=', '>', '>='],
  ...['contains', 'icontains', 'bcontains', 'startswith', 'bstartswith', 'endswith'],
  ...['glob', 'iglob', 'regex'],
])

const quantifiers = ['oneof', 'anyof', 'allof'] as const

/** Functions of fields. */
const transformers = new Set([
  ...['tolower', 'toupper', 'b64', 'basename', 'len', 'join', 'concat', 'getopt', 'val'],
])

export const operators: ReadonlySet<string> = new Set([...ofLists, ...ofValues, 'exists'])

export function takesList(operator: string): boolean {
  return ofLists.has(operator)
}

export function isQuantifier(word: string): word is (typeof quantifiers)[number] {
  return (quantifiers as readonly string[]).includes(word)
}

export function isTransformer(word: string): boolean {
  return transformers.has(word)
}
