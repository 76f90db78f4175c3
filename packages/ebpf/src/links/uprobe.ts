import { eventSource } from './event-source.ts'
import type { Attachable, Link } from './link.ts'
import { attachPerfEvent } from './perf-event-link.ts'

export interface UprobeOptions {
  /** At the return of the function instead of its entry. */
  readonly atReturn?: boolean
  /** Only in this process; in all when absent. */
  readonly pid?: number
}

/**
 * Runs a program of type kprobe when user space executes an instruction. Kernel 4.17 for this way.
 * @param path of the executable or library
 * @param offset of the instruction in the file (not its address)
 * @throws SystemCallError, EbpfError EBPF_NO_EVENT_SOURCE
 */
export function attachUprobe(
  program: Attachable,
  path: string,
  offset: number,
  { atReturn = false, pid }: UprobeOptions = {},
): Link {
  const kind = atReturn ? 'uretprobe' : 'uprobe'
  const target = `${path}:0x${offset.toString(16)}`
  const source = eventSource('uprobe', `attach ${kind} ${target}`)
  return attachPerfEvent(kind, target, program, {
    type: source.type,
    config: atReturn ? source.returnBit : 0,
    config1String: path,
    config2: offset,
    ...(pid === undefined ? { pid: -1, cpu: 0 } : { pid, cpu: -1 }),
  })
}
