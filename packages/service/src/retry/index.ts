// Retries with growing pauses.

export { Backoff, type BackoffMs, backoffMs } from './backoff.ts'
export { jittered } from './jitter.ts'
export { type RetryOptions, retry } from './retry.ts'
