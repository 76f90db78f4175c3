import type { ListenAddress } from '@tetragon-ts/service/listen'
import type { ServiceStatuses } from './agent-health.ts'

/** What the thread gets at its start. */
export interface HealthThreadOptions {
  readonly address: ListenAddress
  readonly statuses: ServiceStatuses
  /** Interval of the main thread's reports, in milliseconds. */
  readonly intervalMs: number
}

/** Messages to the thread. A status is also a sign of life of the main thread. */
export type HealthCommand =
  | { readonly kind: 'status'; readonly statuses: ServiceStatuses }
  | { readonly kind: 'close' }

/** Messages of the thread. */
export type HealthReport =
  | { readonly kind: 'listening' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'closed' }
