import type {
  CompactPrinter,
  Event,
  KprobeArgument,
  ProcessKprobe,
  ProcessLsm,
  ProcessTracepoint,
} from '@tetragon-ts/api'
import { checkDeclaredOrder } from './declared-order.ts'

/** What a policy's hook posted. */
export interface HookEvent {
  readonly key: 'process_kprobe' | 'process_tracepoint' | 'process_lsm'
  readonly policy: string
  readonly body: ProcessKprobe & ProcessTracepoint & ProcessLsm
  readonly args: readonly KprobeArgument[]
  /** As `tetra getevents -o compact` shows it. */
  readonly compact: string
}

const control = /[\x00-\x1f\x7f-\x9f]/

/**
 * An event if it is one of a policy's hook. Whatever the case is about: it has its process and its
 * policy, and nothing that a terminal obeys gets through the compact printer.
 * @throws Error that quotes it
 */
export function observeHook(event: Event, print: CompactPrinter): HookEvent | undefined {
  const { key, response } = event
  if (key !== 'process_kprobe' && key !== 'process_tracepoint' && key !== 'process_lsm') {
    return undefined
  }
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
