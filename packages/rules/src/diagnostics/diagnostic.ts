import type { Position } from '@tetragon-ts/policy/yaml'
import type { RuleCode } from './codes.ts'

/** An error or warning about a file of rules. */
export interface RuleDiagnostic extends Position {
  readonly severity: 'error' | 'warning'
  /** Stable; see `ruleCodes`. */
  readonly code: RuleCode
  /** The problem, without the position. */
  readonly message: string
  /** Path in the document, e.g. `detection.selection.Image|endswith`. */
  readonly path: string
  readonly file: string
  /** Allowed values, if that is a closed set. */
  readonly allowed?: readonly string[]
  /** The nearest allowed value. */
  readonly suggestion?: string
}
