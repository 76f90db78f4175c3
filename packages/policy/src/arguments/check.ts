import type { Findings } from '../diagnostics/findings.ts'

/** Context of every check. */
export interface Check {
  readonly findings: Findings
  /** Whether an object of the document has an invalid field, which was already reported. */
  isBroken(object: object): boolean
}
