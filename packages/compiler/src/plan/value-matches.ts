import type { ArgumentMatch, Hook, Selector } from '@tetragon-ts/policy'
import { argumentType } from '../arguments/index.ts'
import { argumentOf, type ValueName } from './hook-record.ts'

/** A test of a selector, with its values. */
export interface ValueMatch {
  readonly match: ArgumentMatch
  readonly values: readonly ValueName[]
}

/**
 * Tests of a selector on the values of the entry's record.
 * @param isOnlyAtReturn whether that record is sent at the return, and has the result
 */
export function valueMatches(
  { args, data, returnArgs }: Selector,
  isOnlyAtReturn: boolean,
): readonly ValueMatch[] {
  const ofResult = isOnlyAtReturn ? returnArgs : []
  return [
    ...args.map((match) => ({ match, values: match.positions.map((i) => `a${i}` as const) })),
    ...data.map((match) => ({ match, values: match.positions.map((i) => `d${i}` as const) })),
    ...ofResult.map((match) => ({ match, values: ['r' as const] })),
  ]
}

/** Whether all values of a test are in registers. */
export function isCheap(hook: Hook, { values }: ValueMatch): boolean {
  return values.every((name) => !argumentType(argumentOf(hook, name).type).costly)
}
