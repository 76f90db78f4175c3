import type { Action } from '../action.ts'
import { accounts } from './persistence/accounts.ts'
import { jobsAndServices } from './persistence/jobs-and-services.ts'
import { startedByOthers } from './persistence/started-by-others.ts'

/** Ways to come back. */
export const persistence: readonly Action[] = [...jobsAndServices, ...startedByOthers, ...accounts]
