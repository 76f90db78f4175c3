import type { FalcoFields } from '../fields/field-table.ts'
import type { Term } from '../term.ts'

/**
 * A log source as Falco sees it: the system calls that its events stand for. A condition is
 * evaluated for one view at a time, so that tests of the event's type are constants.
 */
export interface View {
  /** Category of the rule in Sigma. */
  readonly category: string
  /** System calls, by Falco's names. */
  readonly types: readonly string[]
  /** A condition that only these events of the log source meet. */
  readonly base?: Term
  /** Whether `evt.is_open_read` or `evt.is_open_write` is true. */
  readonly opens?: 'read' | 'write'
  /** Fields that only these events have. */
  readonly fields?: FalcoFields
}
