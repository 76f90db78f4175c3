import type { MessageOf } from '../message.ts'
import { bool, int32, message, string, uint32, uint64 } from '../message.ts'

/** An enforcing action of the selector that matched. */
export const Enforcement = message('Enforcement', {
  /** As in policies: `Sigkill`. */
  action: string(1),
  /** The means that carries it out: `signal`. */
  means: string(2),
  /** Whether it was executed; false while the policy only monitors. */
  done: bool(3),
  /** Number of the signal. */
  signal: uint32(4),
  /** The negative error number that the caller gets. */
  error: int32(5),
  /** The kernel refused to execute it. */
  failed: bool(6),
  /** Not executed: with this process the policy has exceeded its limit, and monitors now. */
  limit_reached: bool(7),
})
export type Enforcement = MessageOf<typeof Enforcement>

/** Notifications of enforcers without effect. */
export const MissedNotifications = message('MissedNotifications', {
  /** The hook that notified or cancelled, as the policy names it. */
  hook: string(1),
  /** `overwritten` by a later one of the same thread, or `noaction`: cancelled. */
  reason: string(2),
  count: uint64(3),
})
export type MissedNotifications = MessageOf<typeof MissedNotifications>
