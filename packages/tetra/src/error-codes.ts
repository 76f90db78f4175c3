/** All error codes of tetra, with their meaning. */
export const errorCodes = {
  ConnectionError: { agent: 'The agent cannot be reached, or refused the request; exit code 1.' },
  ClusterError: {
    cluster:
      'The API server cannot be reached or refused the request, or there is no agent; exit code 1.',
  },
  UsageError: { usage: 'The command line is invalid; exit code 2.' },
} as const satisfies Record<string, Record<string, string>>

/** The codes of one class of errors. */
export type ErrorCodeOf<Class extends keyof typeof errorCodes> = keyof (typeof errorCodes)[Class]
