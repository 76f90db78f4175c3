// Order and number of asynchronous tasks.

export { KeyedQueues } from './keyed-queues.ts'
export { Semaphore } from './semaphore.ts'
export { SerialQueue } from './serial-queue.ts'
