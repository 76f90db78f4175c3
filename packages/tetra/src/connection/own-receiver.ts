import { readFileSync, readlinkSync } from 'node:fs'
import type { StreamReceiver } from '@tetragon-ts/api'

/** The first pid namespace: PROC_PID_INIT_INO in include/linux/proc_ns.h. */
const firstPidNamespace = 'pid:[4026531836]'

/**
 * This process, for the agent to leave out the events that receiving them causes.
 * @returns undefined in a container, whose processes do not know their pids of the host
 */
export function ownReceiver(): StreamReceiver | undefined {
  try {
    if (readlinkSync('/proc/self/ns/pid') !== firstPidNamespace) return undefined
    const boot_id = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
    return { pid: process.pid, boot_id }
  } catch {
    // No Linux: there is no agent on this machine.
    return undefined
  }
}
