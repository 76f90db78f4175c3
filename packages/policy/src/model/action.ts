export type { Action, ActionValues } from '../checks/actions.ts'
