// Shares of bounded queues by class of events.

export { QueueShares } from './queue-shares.ts'
