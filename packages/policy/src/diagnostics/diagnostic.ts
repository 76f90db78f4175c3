import type { DiagnosticCode } from './codes.ts'

/** Something wrong or doubtful in a policy file. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  /** Stable; see `diagnosticCodes`. */
  readonly code: DiagnosticCode
  /** What is wrong, without the position. */
  readonly message: string
  /** Place in the document, e.g. `spec.kprobes[0].args[1].type`; empty for the whole of it. */
  readonly path: string
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
  /** What would be right there, when that is a closed set. */
  readonly allowed?: readonly string[]
  /** The allowed value that was probably meant. */
  readonly suggestion?: string
}

export interface Position {
  readonly line: number
  readonly column: number
}

/** What a diagnostic may have besides its message. */
export interface DiagnosticDetails {
  readonly allowed?: readonly string[]
  readonly suggestion?: string
  readonly severity?: 'error' | 'warning'
}
