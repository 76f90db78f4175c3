// Outputs of events: what sends them, and how they are requested.

export type { OutputStatus } from './output-status.ts'
export { type OutputHost, Outputs } from './outputs.ts'
export { readOutput } from './specification.ts'
