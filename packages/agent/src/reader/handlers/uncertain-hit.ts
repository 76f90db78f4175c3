import { hookFlags, hookRecord } from '@tetragon-ts/compiler/hooks'
import type { Pieces, Readable } from '../json/hook-reader.ts'
import type { PendingCall } from './pending-calls.ts'
import type { PreparedHook } from './prepared-hook.ts'

/** A hit whose program did not know whether the policy applies to its workload. */
export interface UncertainHit {
  readonly hook: PreparedHook
  readonly cgroup: number
  /** A bit for each selector that may match. */
  readonly candidates: number
  /** The first of them. */
  readonly selector: number
  /** An action of that one suppresses the event. */
  readonly isSuppressed: boolean
  /** Copies of its records. */
  readonly entry: PendingCall
  readonly leave: { readonly bytes: Uint8Array; readonly pieces: Pieces | undefined } | undefined
}

const { offset: flagsAt } = hookRecord([]).field('flags')
const { offset: selectorAt } = hookRecord([]).field('selector')

/** Whether the workload of a call is uncertain. */
export function isUncertain({ bytes }: PendingCall): boolean {
  return (bytes[flagsAt] & hookFlags.uncertain) !== 0
}

/** Changes the selector of a record at the start of its memory. */
export function writeSelector({ memory }: Readable, selector: number): void {
  memory.bytes[selectorAt] = selector & 0xff
  memory.bytes[selectorAt + 1] = selector >>> 8
}

/**
 * Creates a hit.
 * @param record the entry, at its position
 * @param decided the record that decided about unreadable arguments: then one selector is left
 */
export function uncertainHit(
  hook: PreparedHook,
  { header, workload }: Readable,
  entry: PendingCall,
  leave?: UncertainHit['leave'],
  decided?: Readable,
): UncertainHit {
  const isSuppressed = (header.flags & hookFlags.suppressed) !== 0
  const { cgroup = 0 } = workload ?? {}
  const { selector } = decided?.header ?? header
  const candidates = decided ? 1 << selector : (workload?.candidates ?? 0)
  return { hook, cgroup, candidates, selector, isSuppressed, entry, leave }
}
