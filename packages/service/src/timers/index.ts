// Timers.

export { type PauseOptions, pause, pauseUntil } from './pause.ts'
export { RepeatedAction } from './repeated-action.ts'
