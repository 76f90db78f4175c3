// Outputs of events: what sends them, how they are requested, and the classes of events.

export type { OutputStatus } from './output-status.ts'
export { type OutputHost, Outputs } from './outputs.ts'
export {
  addCounts,
  type ClassCounts,
  type EventClass,
  type EventClassName,
  eventClass,
  eventClasses,
  eventClassNames,
  noCounts,
  sumOf,
} from './queue/event-class.ts'
export { readOutput } from './specification.ts'
