/** What the pipeline counts, visible to every thread. */
export const counterNames = [
  'records',
  /** Of these, by kind. */
  'execRecords',
  'forkRecords',
  'exitRecords',
  'hookRecords',
  'dataRecords',
  /** Bytes in the ring at the last read, and the maximum. */
  'ringPending',
  'ringPeak',
  'events',
  'bytes',
  /**
   * Of these, what went to the file or to standard output, and the time of the last ones (s since
   * 1970).
   */
  'exported',
  'exportedBytes',
  'exportedAt',
  /** Events omitted from the export by `--export-rate-limit`. */
  'exportRateLimited',
  /** Bytes of events queued for the receiver. */
  'exportQueued',
  /** Events that could not be written; the same by class. */
  'sinkLost',
  'hooksUnwritten',
  'processesUnwritten',
  'enforcementsUnwritten',
  'unknownExits',
  /** Records of processes whose events are not posted that were read, and processes of these. */
  'heldRecords',
  'heldProcesses',
  /** Processes whose exit record was lost, found later. */
  'lostExits',
  /** Hook records that were skipped to make room for process records. */
  'hooksShed',
  /** Hook events with an unknown process. */
  'unknownProcesses',
  /** Of these, events whose pid belongs to another process or image in the cache. */
  'staleProcesses',
  'unknownHooks',
  'returnsLost',
  /** Events written with an unreadable argument before their call returned. */
  'undecided',
  /** Events written although it was unknown whether their policy applies to the pod. */
  'undecidedPods',
  'requestsDropped',
  /** Frames of user space without symbol because it was not found in time. */
  'unnamedFrames',
  /** Refusals that were counted as equal to one whose record was not read. */
  'refusalsLost',
  /** Long arguments that wait for their process, and those that were evicted. */
  'piecesWaiting',
  'piecesEvicted',
  /**
   * Executable mappings of files; of these, those whose process was known when they were read, or
   * after a wait, and those whose process or image stayed unknown. Records that did not fit into
   * the rings.
   */
  'loaderReceived',
  'loaderImmediate',
  'loaderRetried',
  'loaderUnknown',
  'loaderLost',
  /** Build ids that were not read in time. */
  'loaderIdsMissed',
  /** Containers by the result of the lookup of their pod; see PodCounts. */
  'podsFound',
  'podsOther',
  'podsMissing',
  'podsUnsafe',
  'podsUnreadable',
  'podsTooLarge',
  'podsMalformed',
  /** Hits and evictions of the cache of deleted pods. */
  'deletedPodHits',
  'deletedPodEvictions',
  'liveProcesses',
  'rememberedProcesses',
] as const
export type CounterName = (typeof counterNames)[number]

/** Counters in shared memory: the worker writes them, all threads read them. */
export class Counters {
  readonly buffer: SharedArrayBuffer
  readonly #values: Float64Array

  constructor(buffer = new SharedArrayBuffer(counterNames.length * 8)) {
    this.buffer = buffer
    this.#values = new Float64Array(buffer)
  }

  get(name: CounterName): number {
    return this.#values[counterNames.indexOf(name)]
  }

  set(name: CounterName, value: number): void {
    this.#values[counterNames.indexOf(name)] = value
  }

  all(): Record<CounterName, number> {
    return Object.fromEntries(counterNames.map((name) => [name, this.get(name)])) as Record<
      CounterName,
      number
    >
  }
}
