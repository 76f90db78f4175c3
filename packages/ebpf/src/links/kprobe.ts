import { eventSource } from './event-source.ts'
import type { Attachable, AttachOptions, Link } from './link.ts'
import { attachPerfEvent } from './perf-event-link.ts'

export interface KprobeOptions extends AttachOptions {
  /** At the return of the function instead of its entry. */
  readonly atReturn?: boolean
  /** Bytes behind the function's beginning; not with `atReturn`. */
  readonly offset?: number
}

/**
 * Runs a program of type kprobe at a kernel function. Kernel 4.17 for this way, which leaves no
 * trace in tracefs.
 * @throws SystemCallError, EbpfError EBPF_NO_EVENT_SOURCE
 */
export function attachKprobe(
  program: Attachable,
  symbol: string,
  { atReturn = false, offset = 0, pinnable }: KprobeOptions = {},
): Link {
  const kind = atReturn ? 'kretprobe' : 'kprobe'
  const target = offset === 0 ? symbol : `${symbol}+${offset}`
  const source = eventSource('kprobe', `attach ${kind} ${target}`)
  const config = atReturn ? source.returnBit : 0
  const event = { type: source.type, config, config1String: symbol, config2: offset }
  return attachPerfEvent(kind, target, program, event, { pinnable })
}
