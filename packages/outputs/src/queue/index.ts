// Classes of events, and what they share in bounded queues: for the outputs and for the agent.

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
} from './event-class.ts'
export { QueueShares } from './queue-shares.ts'
