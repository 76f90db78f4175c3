import { integer, size } from '../numbers.ts'
import { flag } from '../option.ts'

/** What waits between the kernel and whoever reads events. */
export const queueOptions = {
  'rb-size': size({
    default: '0',
    help: 'size of the ring buffer for each CPU; there is one ring, of all together',
  }),
  'rb-size-total': size({
    default: '0',
    help: 'size of the ring buffer, rounded up to a power of two; 0: 16M',
  }),
  'event-queue-size': integer({
    value: 'EVENTS',
    default: '10000',
    min: 1,
    max: 1e7,
    help: 'events that wait for a slow client at most',
  }),
  'use-perf-ring-buffer': flag({
    help: 'use perf events',
    noEffect: 'one BPF ring buffer for all CPUs keeps records in order',
  }),
  'rb-queue-size': size({
    default: '65535',
    help: 'queue behind the ring buffer',
    noEffect: 'records are read where they are in the ring buffer: no queue is behind it',
  }),
  'data-cache-size': size({
    default: '1024',
    help: 'pieces of long values that wait for the rest',
    noEffect: 'the pieces of a value come right before its event: few wait at a time',
  }),
  'retprobes-cache-size': size({
    default: '4096',
    help: 'calls that wait for their return',
    noEffect: 'there is room for 16384; beyond that the oldest is shown without its return',
  }),
  'sleepable-preload-size': size({
    default: '32768',
    help: 'entries of the table for sleepable programs',
    noEffect: 'there is no such table: values are read where they are used',
  }),
}
