import type {
  CompactPrinter,
  Event,
  KprobeArgument,
  ProcessKprobe,
  ProcessLsm,
  ProcessTracepoint,
  ProcessUprobe,
  ProcessUsdt,
} from '@tetragon-ts/api'
import { checkDeclaredOrder } from './declared-order.ts'

const hookKeys = [
  ...(['process_kprobe', 'process_tracepoint', 'process_lsm'] as const),
  ...(['process_uprobe', 'process_usdt'] as const),
] as const

/** A policy event. */
export interface HookEvent {
  readonly key: (typeof hookKeys)[number]
  readonly policy: string
  readonly body: ProcessKprobe & ProcessTracepoint & ProcessLsm & ProcessUprobe & ProcessUsdt
  readonly args: readonly KprobeArgument[]
  /** Compact form of `tetra getevents -o compact`. */
  readonly compact: string
}

const control = /[\x00-\x1f\x7f-\x9f]/

function isHookKey(key: string): key is HookEvent['key'] {
  return hookKeys.some((each) => each === key)
}

/**
 * The event if it is a policy event. Whatever the test is about, it must have its process and
 * policy, and its compact form must contain no terminal control characters.
 * @throws Error that quotes it
 */
export function observeHook(event: Event, print: CompactPrinter): HookEvent | undefined {
  const { key, response } = event
  if (!isHookKey(key)) return undefined
  const body = event.body as HookEvent['body']
  const line = JSON.stringify(response)
  if (!body.process?.exec_id || !body.policy_name || !response.time) {
    throw new Error(`incomplete event: ${line}`)
  }
  checkDeclaredOrder(key, body)
  const hasReturnAction = 'return_action' in body
  if (hasReturnAction !== (key === 'process_kprobe')) throw new Error(`return_action in ${line}`)
  const printed = print(event)
  if (!printed.endsWith('\n') || control.test(printed.slice(0, -1))) {
    throw new Error(`control character in ${JSON.stringify(printed)}`)
  }
  const { policy_name: policy, args = [] } = body
  return { key, policy, body, args, compact: printed.slice(0, -1) }
}
