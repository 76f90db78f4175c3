import type { Event } from '../event.ts'
import type { EventKey } from '../messages/event.ts'
import { CompactError } from './compact-error.ts'
import { execLine } from './events/exec.ts'
import { exitLine } from './events/exit.ts'
import { kprobeLine } from './events/kprobe.ts'
import { loaderLine } from './events/loader.ts'
import { lsmLine } from './events/lsm.ts'
import { testLine } from './events/test-event.ts'
import { throttleLine } from './events/throttle.ts'
import { tracepointLine } from './events/tracepoint.ts'
import { uprobeLine } from './events/uprobe.ts'
import { usdtLine } from './events/usdt.ts'
import type { Line } from './line.ts'

type BodyOf<K extends EventKey> = Extract<Event, { key: K }>['body']

/** The line of each kind of event; null for kinds that have none. */
const lines: { [K in EventKey]: ((body: BodyOf<K>) => Line | string) | null } = {
  process_exec: execLine,
  process_exit: exitLine,
  process_kprobe: kprobeLine,
  process_tracepoint: tracepointLine,
  process_loader: loaderLine,
  process_uprobe: uprobeLine,
  process_throttle: throttleLine,
  process_lsm: lsmLine,
  process_usdt: usdtLine,
  test: testLine,
  rate_limit_info: null,
}

/** Says what the line of an event holds. Throws CompactError when it cannot have one. */
export function eventLine(event: Event): Line | string {
  // The table's type ties each key to its body; the compiler cannot follow that through the lookup.
  const lineOf = lines[event.key] as ((body: Event['body']) => Line | string) | null
  if (lineOf === null) {
    throw new CompactError('unknown_event_type', `unknown event type: ${event.key}`)
  }
  const line = lineOf(event.body)
  if (typeof line !== 'string' && line.process === undefined) {
    throw new CompactError('missing_process_info', `print ${event.key}: missing process info`)
  }
  return line
}
