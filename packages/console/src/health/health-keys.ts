import type { Keys } from '../page/keys.ts'

/** Keys of the agents. */
export const healthKeys = { Escape: 'close the agent' } as const satisfies Keys
