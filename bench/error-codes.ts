/** All error codes of the benchmarks, with their meaning. */
export const errorCodes = {
  AgentProcessError: { BENCH_AGENT: 'The agent could not be started, or ended by itself.' },
  MarkerError: { BENCH_MARKERS: 'The document has no markers for results.' },
} as const satisfies Record<string, Record<string, string>>

/** The codes of one class of errors. */
export type ErrorCodeOf<Class extends keyof typeof errorCodes> = keyof (typeof errorCodes)[Class]
