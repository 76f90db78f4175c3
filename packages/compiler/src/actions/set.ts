import { userWriteMeans } from '../means/user-write.ts'

/** Means of the action here. */
export const setMeans = { user_write: userWriteMeans }

/** Set writes to an argument of a static probe. */
export const setActions = {
  Set: { enforcement: { counter: 'set', means: setMeans, details: () => ({}) } },
} as const
