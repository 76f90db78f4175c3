import type { ErrorCodeOf } from './error-codes.ts'
import { escapeUnprintable } from './escape.ts'

/** Thrown for a regular expression that is not valid or not supported. */
export class RegExpError extends Error {
  override readonly name = 'RegExpError'
  readonly code: ErrorCodeOf<'RegExpError'> = 'invalid_regular_expression'
  /** Where in the pattern, counted in UTF-16 units from 0. */
  readonly position: number

  constructor(pattern: string, position: number, reason: string) {
    const shown = escapeUnprintable(pattern)
    super(`compile regular expression "${shown}": ${reason} at character ${position + 1}`)
    this.position = position
  }
}
