import type { CharSet } from './char-set.ts'

/** A construct that only the general engine knows. */
export class UnknownConstruct extends Error {
  override readonly name = 'UnknownConstruct'
}

/** Escapes of characters. */
export const controlCharacters: ReadonlyMap<string, CharSet> = new Map([
  ['a', [7, 7]],
  ['t', [9, 9]],
  ['n', [10, 10]],
  ['v', [11, 11]],
  ['f', [12, 12]],
  ['r', [13, 13]],
])
