import { readFileSync } from 'node:fs'
import type { StreamReceiver } from '@tetragon-ts/api'
import type { StreamedEvent } from './streamed-event.ts'

// A policy that observes sends or reads observes those of every receiver of its events, without
// end. Hits of the agent itself are left out in the kernel (compiler/src/emit/hook-program.ts).
// Those of a receiver are left out of its own stream only: a program that receives events in order
// to hide is in the export file and in the streams of others like every other.

let known: string | undefined

/** Identifies the run of the kernel; empty if it cannot be read. */
function bootId(): string {
  try {
    known ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    known = ''
  }
  return known
}

/** Actions of hooks that only observe. */
const observing: ReadonlySet<string | number> = new Set([
  'KPROBE_ACTION_UNKNOWN',
  'KPROBE_ACTION_POST',
])

/** The events that a receiver causes: no other process has its pid while it receives them. */
export class OwnEvents {
  readonly #pid: number

  private constructor(pid: number) {
    this.#pid = pid
  }

  /** @returns undefined if the receiver is not known, or a process of another kernel */
  static of(receiver: StreamReceiver | undefined): OwnEvents | undefined {
    const { pid, boot_id } = receiver ?? {}
    if (!pid || !boot_id || boot_id !== bootId()) return undefined
    return new OwnEvents(pid)
  }

  /** Whether a hook only observed the receiver, and no detection rule matches. */
  has(streamed: StreamedEvent): boolean {
    if (streamed.pid !== this.#pid) return false
    const { body, response } = streamed.event
    if (!('policy_name' in body) || (response.findings?.length ?? 0) > 0) return false
    if ('enforcement' in body && (body.enforcement?.length ?? 0) > 0) return false
    return !('action' in body) || body.action === undefined || observing.has(body.action)
  }
}
