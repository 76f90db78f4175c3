import { parameterMeans } from '../means/parameter.ts'
import { userWriteMeans } from '../means/user-write.ts'

/** Means of the action here. */
export const setMeans = { user_write: userWriteMeans, registers: parameterMeans }

/** Set writes to an argument of a static probe, or to a parameter of a function. */
export const setActions = {
  Set: { enforcement: { counter: 'set', means: setMeans, details: () => ({}) } },
} as const
