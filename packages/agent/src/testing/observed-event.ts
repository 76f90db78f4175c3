import { compactPrinter, type Process, parseEvent } from '@tetragon-ts/api'
import { checkDeclaredOrder } from './declared-order.ts'

const compact = compactPrinter()
const control = /[\x00-\x1f\x7f-\x9f]/

/** A process event from a line of the agent's output. */
export interface ObservedEvent {
  readonly kind: 'exec' | 'exit'
  readonly process: Process
  readonly parent: Process | undefined
  readonly ancestors: readonly Process[]
  /** Of an exit. */
  readonly signal: string | undefined
  readonly status: number | undefined
  readonly time: string
  readonly line: string
  /** Compact form of `tetra getevents -o compact`. */
  readonly compact: string
}

const hookKinds: readonly string[] = [
  ...['process_kprobe', 'process_tracepoint', 'process_lsm', 'process_uprobe', 'process_usdt'],
]

/**
 * Reads a line. Whatever the test is about, it must be JSON and an event, and its compact form must
 * contain no terminal control characters.
 * @returns undefined for policy events and events without a process
 * @throws Error that quotes the line
 */
export function observe(line: string): ObservedEvent | undefined {
  const parsed = parseEvent(line)
  if (!parsed.ok) throw new Error(`read event: ${parsed.reason}: ${line}`)
  const { event } = parsed
  const { key, body, response } = event
  // In place of lost lines; it has no compact form, as in the original.
  if (key === 'rate_limit_info') return undefined
  const printed = compact(event)
  if (!printed.endsWith('\n') || control.test(printed.slice(0, -1))) {
    throw new Error(`control character in ${JSON.stringify(printed)}`)
  }
  if (hookKinds.includes(key) || key === 'process_throttle') return undefined
  if (key !== 'process_exec' && key !== 'process_exit') throw new Error(`strange event: ${line}`)
  checkDeclaredOrder(key, body)
  const { process, parent, ancestors = [] } = body
  if (!process || !response.time) throw new Error(`incomplete event: ${line}`)
  const exit = key === 'process_exit' ? body : undefined
  return {
    kind: exit ? 'exit' : 'exec',
    process,
    parent,
    ancestors,
    signal: exit?.signal,
    status: exit?.status,
    time: response.time,
    line,
    compact: printed,
  }
}

/** The event of this kind if there is exactly one. @throws Error */
export function only(events: readonly ObservedEvent[], kind: 'exec' | 'exit'): ObservedEvent {
  const found = events.filter((event) => event.kind === kind)
  if (found.length === 1) return found[0]
  const lines = events.map(({ line }) => line).join('\n')
  throw new Error(`${found.length} ${kind} events instead of 1 among:\n${lines}`)
}
