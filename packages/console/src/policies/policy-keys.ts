import type { Keys } from '../page/keys.ts'

/** Keys of the policies. */
export const policyKeys = {
  n: 'write a new policy',
  Escape: 'close the policy',
} as const satisfies Keys
