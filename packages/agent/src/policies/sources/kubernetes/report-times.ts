import type { BackoffMs } from '@tetragon-ts/service/retry'

/** Until the number of nodes is known: a cluster of a thousand. */
const unknownNodes = 1000
const windowMaxMs = 60_000

/** Milliseconds. */
export interface ReportMs {
  /** Between a change and its write: policies that are applied together are one write. */
  readonly settle: number
  /** Of the window in which all agents write, for each node of the cluster. */
  readonly window: number
  /** Between two looks at states that clients of the agent may have changed. */
  readonly look: number
  /** Between two looks at the stored report: someone may have deleted it. */
  readonly verify: number
  /** Between two attempts. */
  readonly retry: BackoffMs
}

/** With 5 ms for each node, all agents together make 200 writes per second after a change. */
export const defaultReportMs: ReportMs = {
  settle: 500,
  window: 5,
  look: 10_000,
  verify: 600_000,
  retry: { min: 1000, max: 300_000 },
}

/**
 * The time in which the agents of a cluster write their reports after a change of all, in
 * milliseconds. Each chooses a moment in it.
 * @param nodes undefined: not known yet
 */
export function reportWindowMs(nodes: number | undefined, { window }: ReportMs): number {
  return Math.min((nodes ?? unknownNodes) * window, windowMaxMs)
}
