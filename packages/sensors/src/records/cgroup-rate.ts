/** How many processes of a control group may start and end within an interval. */
export interface CgroupRate {
  readonly events: number
  /** Nanoseconds. */
  readonly interval: number
}

/** How long a group must keep to the rate before it is reported again, in nanoseconds. */
export const quietTime = 5_000_000_000
/** How often an ongoing throttling is reported, in nanoseconds. */
export const reportInterval = 1_000_000_000
