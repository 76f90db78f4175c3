import type { Action } from './action.ts'

/** Into how many parts the catalogue is divided. */
export const rotationParts = 10

/** Every tenth action, from the part that has its turn: each commit runs the next part. */
export function rotate(actions: readonly Action[], turn: number): Action[] {
  return actions.filter((_, index) => index % rotationParts === turn % rotationParts)
}
