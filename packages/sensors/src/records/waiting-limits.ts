/** How many of what belongs together may wait for its other half; then the oldest is given up. */
export interface WaitingLimits {
  /** Processes, and threads in hooks, whose long values wait for their record. */
  readonly values: number
  /** Calls that wait for their return, in the kernel and in the reader. */
  readonly calls: number
}

/**
 * Pieces come right before their record, from one CPU at a time: what waits for longer is what lost
 * its record. Calls wait as long as the function takes.
 */
export const waitingLimits: WaitingLimits = { values: 64, calls: 16_384 }
