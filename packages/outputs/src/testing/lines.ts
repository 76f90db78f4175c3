import type { Finding } from '@tetragon-ts/api'
import { eventClass } from '../queue/event-class.ts'
import type { QueuedEvent } from '../queue/event-store.ts'

const process = { exec_id: 'bm9kZToxOjI=', pid: 42, uid: 0, binary: '/bin/cat', arguments: 'a b' }
const time = '2026-01-02T03:04:05.123456789Z'

/** An exec, as the agent writes it. @param number in its arguments */
export function execLine(number = 0): Buffer {
  const event = { process: { ...process, arguments: String(number) } }
  return Buffer.from(JSON.stringify({ process_exec: event, node_name: 'node-1', time }))
}

/** A hook event with a finding. */
export function alertLine(level: Finding['level'] = 'high', fill = ''): Buffer {
  const event = { process, function_name: `__x64_sys_mount${fill}`, policy_name: 'mounts' }
  const findings = [{ rule: 'r-1', title: 'Mount', level, techniques: ['T1611'] }]
  return Buffer.from(JSON.stringify({ process_kprobe: event, node_name: 'node-1', time, findings }))
}

/** A line as outputs queue it. */
export function queued(line: Buffer): QueuedEvent {
  return { eventClass: eventClass.process, line, arrived: 0 }
}
