import type { OutputStatus } from '@tetragon-ts/outputs'
import type { OutputLink } from '../reader/outputs/output-tap.ts'

// Messages between the main thread and the thread of the outputs.

/** Start parameters of the thread. */
export interface OutputThreadOptions {
  /** Each `NAME=URL`. */
  readonly outputs: readonly string[]
  readonly link: OutputLink
  readonly nodeName: string
  readonly clusterName: string
  readonly version: string
  /** Has a folder for each output with a spool, by name. */
  readonly spoolFolder: string
  /** Why there can be no spools in it. */
  readonly spoolFailure: string | undefined
}

/** Other outputs instead of the present ones. */
export type OutputChange = Pick<OutputThreadOptions, 'outputs' | 'spoolFailure'>

/** Requests of the main thread. */
export type OutputRequest =
  | { readonly kind: 'status' }
  /** Other outputs: those with another text are new. */
  | ({ readonly kind: 'change'; readonly limit: number } & OutputChange)
  /** Sends what is queued, within this time in milliseconds, and ends. */
  | { readonly kind: 'finish'; readonly limit: number }

/** Reports of the thread. */
export type OutputReport =
  | { readonly kind: 'opened'; readonly statuses: readonly OutputStatus[] }
  /** An option is wrong: the thread ends. */
  | { readonly kind: 'wrong'; readonly message: string }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'status'; readonly statuses: readonly OutputStatus[] }
  /** The outputs as they are now, and those that have ended; a failure: nothing has changed. */
  | {
      readonly kind: 'changed'
      readonly statuses: readonly OutputStatus[]
      readonly ended: readonly OutputStatus[]
      readonly failure?: string
    }
  | { readonly kind: 'finished'; readonly statuses: readonly OutputStatus[] }
