import { duration, entries, integer, optionalSize } from '../numbers.ts'
import { flag } from '../option.ts'

const entriesMax = 2 ** 22
const noEviction =
  'what is known of a process goes with it and its last descendant: nothing is evicted'
const inOrder = 'the ring buffer is in order: what an event needs is known before it comes'
const noParentsTable = 'parents are part of the table of processes'

/** What is remembered of processes, in the kernel and here. */
export const processOptions = {
  'execve-map-entries': integer({
    value: 'ENTRIES',
    default: '0',
    min: 0,
    max: entriesMax,
    help: "processes that the kernel's table has room for; 0: 65536",
  }),
  'execve-map-size': optionalSize({
    help: 'the same, as the memory that its entries may take',
  }),
  'process-cache-size': entries({
    ...{ default: '65536', max: 2 ** 31 - 1 },
    help: 'processes to remember',
    noEffect: noEviction,
  }),
  'process-cache-gc-interval': duration({
    default: '30s',
    help: 'time between looks for old processes',
    noEffect: noEviction,
  }),
  'parents-map-enabled': flag({
    help: 'keep a table of parents for matchParentBinaries',
    noEffect: noParentsTable,
  }),
  'parents-map-entries': integer({
    default: '0',
    min: 0,
    max: entriesMax,
    help: 'its entries',
    noEffect: noParentsTable,
  }),
  'parents-map-size': optionalSize({ help: 'its memory', noEffect: noParentsTable }),
  'event-cache-retries': integer({
    default: '15',
    min: 0,
    max: 1e6,
    help: 'how often to look for what an event needs',
    noEffect: inOrder,
  }),
  'event-cache-retry-delay': integer({
    default: '2',
    min: 0,
    max: 1e6,
    help: 'seconds between these',
    noEffect: inOrder,
  }),
}
