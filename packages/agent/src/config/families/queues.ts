import { entries, flag, integer, size } from '@tetragon-ts/service/options'

/** Queues between the kernel and clients. */
export const queueOptions = {
  'rb-size': size({
    default: '0',
    help: 'size of the ring buffer per CPU; multiplied by the number of CPUs for the one ring',
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
    help: 'maximum number of events that wait for a slow client',
  }),
  'use-perf-ring-buffer': flag({
    help: 'use perf events',
    noEffect: 'one BPF ring buffer for all CPUs keeps records in order',
  }),
  'rb-queue-size': size({
    default: '65535',
    help: 'queue after the ring buffer',
    noEffect: 'records are read in place in the ring buffer, without a queue',
  }),
  'data-cache-size': entries({
    default: '0',
    max: 65_536,
    help:
      'maximum number of processes and threads whose long values wait for their event; 0: 64, ' +
      'or two per CPU',
  }),
  'retprobes-cache-size': entries({
    default: '0',
    max: 1_048_576,
    help:
      'maximum number of calls of hooked functions that wait for their return; beyond it the ' +
      'oldest is posted without its return; 0: 16384',
  }),
  'sleepable-preload-size': entries({
    default: '32768',
    max: 2 ** 31 - 1,
    help: 'entries of the table for sleepable programs',
    noEffect: 'values are read when they are used, without a table',
  }),
}
