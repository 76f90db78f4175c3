import { duration, entries, flag, integer, optionalSize } from '@tetragon-ts/service/options'

const entriesMax = 2 ** 22
const noEviction =
  'a process is kept until it and its last descendant have ended: nothing is evicted'
const noParentsTable = 'parents are part of the process table'

/** Process tables and caches. */
export const processOptions = {
  'execve-map-entries': integer({
    value: 'ENTRIES',
    default: '0',
    min: 0,
    max: entriesMax,
    help: 'size of the process table in the kernel, in processes; 0: 65536',
  }),
  'execve-map-size': optionalSize({
    help: 'size of the process table as memory, instead of a number of processes',
  }),
  'process-cache-size': entries({
    default: '65536',
    max: 2 ** 31 - 1,
    help: 'size of the process cache',
    noEffect: noEviction,
  }),
  'process-cache-gc-interval': duration({
    default: '30s',
    help: 'interval between evictions',
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
    help: 'entries of the table of parents',
    noEffect: noParentsTable,
  }),
  'parents-map-size': optionalSize({
    help: 'memory of the table of parents',
    noEffect: noParentsTable,
  }),
  'event-cache-retries': integer({
    default: '15',
    min: 0,
    max: 1e6,
    help: 'how often events of a policy wait for the pod that it must select',
  }),
  'event-cache-retry-delay': integer({
    default: '2',
    min: 0,
    max: 1e6,
    help: 'seconds of each of these intervals',
  }),
}
