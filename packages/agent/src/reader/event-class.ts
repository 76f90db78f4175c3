// The classes of events, which the queues of outputs share with the agent.

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
} from '@tetragon-ts/outputs'
