import type { Network } from '@tetragon-ts/policy/networks'
import type { Pattern } from '@tetragon-ts/policy/regexp'
import type { FieldRef } from '../log-sources/field-ref.ts'
import type { WildcardText } from '../text/wildcard.ts'

/** How numbers are compared. */
export type Comparison = 'lt' | 'lte' | 'gt' | 'gte' | 'eq'

/** Parts of a date. */
export type DatePart = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'

/** Condition on one value of a field. */
export type Test =
  | { readonly kind: 'text'; readonly text: WildcardText; readonly cased: boolean }
  | {
      readonly kind: 'regexp'
      readonly source: string
      readonly flags: string
      readonly pattern: Pattern
    }
  | { readonly kind: 'network'; readonly written: string; readonly network: Network }
  | { readonly kind: 'number'; readonly comparison: Comparison; readonly number: number }
  | {
      readonly kind: 'date'
      readonly part: DatePart
      readonly comparison: Comparison
      readonly number: number
    }
  /** The field is present, or is not. */
  | { readonly kind: 'exists'; readonly wanted: boolean }
  /** The field is missing. */
  | { readonly kind: 'null' }
  | {
      readonly kind: 'field'
      /** As the rule writes it, until the field is found in the log source. */
      readonly other: string | FieldRef
      readonly position: 'whole' | 'start' | 'end' | 'anywhere'
      readonly cased: boolean
    }
