import type { EventKey } from '@tetragon-ts/api'

/** `event.category`, `event.type` and `event.action` of a kind of event. */
export interface EcsKind {
  readonly category: readonly string[]
  readonly type: readonly string[]
  /** Undefined: the name of the function. */
  readonly action: string | undefined
}

const call: EcsKind = { category: ['process'], type: ['info'], action: undefined }

/** All kinds of events in the Elastic Common Schema. */
export const ecsKinds: Readonly<Record<EventKey, EcsKind>> = {
  process_exec: { category: ['process'], type: ['start'], action: 'exec' },
  process_exit: { category: ['process'], type: ['end'], action: 'end' },
  process_loader: { category: ['library'], type: ['start'], action: 'load' },
  process_kprobe: call,
  process_tracepoint: call,
  process_lsm: call,
  process_uprobe: call,
  process_usdt: call,
  process_throttle: { category: ['host'], type: ['info'], action: 'throttle' },
  rate_limit_info: { category: ['host'], type: ['info'], action: 'events_lost' },
  test: { category: ['host'], type: ['info'], action: 'test' },
}

/** An event with findings is an alert. */
export const ecsAlert = { category: 'intrusion_detection', info: 'info', denied: 'denied' } as const
