import type { DiagnosticCode } from './codes.ts'

/** An error or warning about a policy file. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  /** Stable; see `diagnosticCodes`. */
  readonly code: DiagnosticCode
  /** The problem, without the position. */
  readonly message: string
  /** Path in the document, e.g. `spec.kprobes[0].args[1].type`; empty for the whole document. */
  readonly path: string
  readonly file: string
  /** From 1; 0: the policy is an object of the API, and `path` is the position. */
  readonly line: number
  /** From 1, in UTF-16 units; 0 without a line. */
  readonly column: number
  /** Allowed values, if that is a closed set. */
  readonly allowed?: readonly string[]
  /** The nearest allowed value. */
  readonly suggestion?: string
}

export interface Position {
  readonly line: number
  readonly column: number
}

/** Optional parts of a diagnostic. */
export interface DiagnosticDetails {
  readonly allowed?: readonly string[]
  readonly suggestion?: string
  readonly severity?: 'error' | 'warning'
  /** Points to this character of the value, from 0. */
  readonly within?: number
}
