export type { Action, ActionValues } from '../actions/index.ts'
