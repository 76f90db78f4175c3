// Timers.

export { type PauseOptions, pause } from './pause.ts'
export { RepeatedAction } from './repeated-action.ts'
