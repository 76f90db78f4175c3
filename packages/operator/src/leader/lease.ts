import { fields, text } from '@tetragon-ts/kubernetes'

/** The part of a Lease object that an election reads. */
export interface LeaseState {
  /** Identity of the holder; empty if the Lease is free. */
  readonly holder: string
  /** How long others wait after its last change, in milliseconds. */
  readonly durationMs: number
  readonly transitions: number
  readonly acquireTime: string
  readonly renewTime: string
}

/** Longest time that a Lease can ask others to wait: an hour. */
export const durationMaxMs = 3_600_000

/** Reads a Lease of any content. @param defaultMs if it has no valid duration */
export function readLease(lease: unknown, defaultMs: number): LeaseState {
  const { holderIdentity, leaseDurationSeconds, leaseTransitions, acquireTime, renewTime } = fields(
    fields(lease).spec,
  )
  const seconds = Number.isInteger(leaseDurationSeconds) ? Number(leaseDurationSeconds) : 0
  return {
    holder: text(holderIdentity),
    durationMs: seconds > 0 ? Math.min(1000 * seconds, durationMaxMs) : defaultMs,
    transitions: Number.isSafeInteger(leaseTransitions) ? Number(leaseTransitions) : 0,
    acquireTime: text(acquireTime),
    renewTime: text(renewTime),
  }
}

/** The fields of a Lease of this holder, with the time of now. */
export function leaseSpec(last: LeaseState | undefined, holder: string, durationMs: number) {
  const now = microTime()
  const isOurs = last?.holder === holder
  return {
    holderIdentity: holder,
    leaseDurationSeconds: Math.ceil(durationMs / 1000),
    acquireTime: isOurs && last.acquireTime !== '' ? last.acquireTime : now,
    renewTime: now,
    leaseTransitions: (last?.transitions ?? 0) + (isOurs || last === undefined ? 0 : 1),
  }
}

/** The fields of a Lease that any replica can acquire immediately. */
export function releasedSpec(last: LeaseState) {
  const now = microTime()
  return {
    holderIdentity: '',
    leaseDurationSeconds: 1,
    acquireTime: now,
    renewTime: now,
    leaseTransitions: last.transitions,
  }
}

/** The format of times in Leases: microseconds. */
function microTime(): string {
  return new Date().toISOString().replace('Z', '000Z')
}
