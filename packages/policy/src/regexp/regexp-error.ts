import { escapeUnprintable } from '@tetragon-ts/api'
import type { ErrorCodeOf } from '../error-codes.ts'

/** Thrown for an invalid or unsupported regular expression. */
export class RegExpError extends Error {
  override readonly name = 'RegExpError'
  readonly code: ErrorCodeOf<'RegExpError'> = 'invalid_regular_expression'
  /** Position in the pattern, in UTF-16 units from 0. */
  readonly position: number

  constructor(pattern: string, position: number, reason: string) {
    const shown = escapeUnprintable(pattern)
    super(`compile regular expression "${shown}": ${reason} at character ${position + 1}`)
    this.position = position
  }
}
