import { defaultRingSize } from '../../sensors/process/maps.ts'
import { integer, size } from '../numbers.ts'

/** What waits between the kernel and whoever reads events. */
export const queueOptions = {
  'rb-size-total': size({
    default: `${defaultRingSize / 2 ** 20}M`,
    help: 'size of the ring buffer; K, M, G; rounded up to a power of two',
  }),
  'event-queue-size': integer({
    value: 'EVENTS',
    default: '10000',
    min: 1,
    max: 1e7,
    help: 'events that wait for a slow client at most',
  }),
}
