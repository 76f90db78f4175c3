import type { Findings } from '../diagnostics/findings.ts'

/** What every check gets. */
export interface Check {
  readonly findings: Findings
  /** Whether an object of the document has a wrong field, which was reported already. */
  isBroken(object: object): boolean
}
