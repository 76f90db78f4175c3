import { userWriteMeans } from '../means/user-write.ts'

/** Set writes to an argument of a static probe. */
export const setActions = {
  Set: { enforcement: { counter: 'set', means: [userWriteMeans], details: () => ({}) } },
} as const
