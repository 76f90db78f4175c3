/** What the pipeline counts, visible to every thread. */
export const counterNames = [
  'records',
  /** Of these, by kind. */
  'execRecords',
  'forkRecords',
  'exitRecords',
  'hookRecords',
  'dataRecords',
  /** Bytes that were in the ring when it was read last, and at most. */
  'ringPending',
  'ringPeak',
  'events',
  'bytes',
  /**
   * Of these, what went to the file or the standard output, and when the last ones did (s since
   * 1970).
   */
  'exported',
  'exportedBytes',
  'exportedAt',
  /** Events that `--export-rate-limit` kept out of the export. */
  'exportRateLimited',
  /** Bytes of events that wait until the receiver takes them. */
  'exportQueued',
  'sinkLost',
  'unknownExits',
  /** Processes whose exit record was lost, found later. */
  'lostExits',
  /** Hook records that were skipped to make room for process records. */
  'hooksShed',
  /** Events of hooks whose process is not known. */
  'unknownProcesses',
  /** Of these, events whose pid is that of another process or image in the cache. */
  'staleProcesses',
  'unknownHooks',
  'returnsLost',
  /** Events written with an unreadable argument before their call returned. */
  'undecided',
  'requestsDropped',
  /** Long arguments that wait for their process, and those that had to make room. */
  'piecesWaiting',
  'piecesEvicted',
  /** Containers by what their bundle said of their pod; see PodCounts. */
  'podsFound',
  'podsOther',
  'podsMissing',
  'podsUnsafe',
  'podsUnreadable',
  'podsTooLarge',
  'podsMalformed',
  /** Deleted pods that were asked for, and those that were forgotten for newer ones. */
  'deletedPodHits',
  'deletedPodEvictions',
  'liveProcesses',
  'rememberedProcesses',
] as const
export type CounterName = (typeof counterNames)[number]

/** Numbers in shared memory: the worker writes them, anybody reads them. */
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
