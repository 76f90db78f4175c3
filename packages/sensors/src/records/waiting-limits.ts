/** Limits for incomplete events; beyond them the oldest is given up. */
export interface WaitingLimits {
  /** Processes, and threads in hooks, whose long values wait for their record. */
  readonly values: number
  /** Calls that wait for their return, in the kernel and in the reader. */
  readonly calls: number
}

/**
 * Pieces arrive right before their record, from one CPU at a time: pieces that wait for longer have
 * lost their record. Calls wait as long as the function takes.
 */
export const waitingLimits: WaitingLimits = { values: 64, calls: 16_384 }
