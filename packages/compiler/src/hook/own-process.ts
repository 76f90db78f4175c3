/** Nanoseconds of a clock tick in /proc: USER_HZ is 100 on all architectures. */
export const tickNs = 10_000_000

/** A process as programs see it. */
export interface OwnProcess {
  /** In the pid namespace of the host. */
  readonly pid: number
  /** Start since boot in {@link tickNs}: another process may get the pid after this one. */
  readonly startTicks: number
}
