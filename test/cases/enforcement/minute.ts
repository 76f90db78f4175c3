import { uptime } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** More than an attack needs until it reaches a limit, in seconds. */
const needed = 25

/** Waits until the minute in which the kernel counts processes does not end soon. */
export async function startOfMinute(): Promise<void> {
  const left = 60 - (uptime() % 60)
  if (left < needed) await sleep((left + 0.1) * 1000)
}
