import { EbpfError } from '../errors/index.ts'
import { eventSource } from './event-source.ts'
import { explainUprobe } from './explain-uprobe.ts'
import type { Attachable, Link } from './link.ts'
import { attachPerfEvent } from './perf-event-link.ts'

export interface UprobeOptions {
  /** At the return of the function instead of its entry. */
  readonly atReturn?: boolean
  /** Only in this process; in all when absent. */
  readonly pid?: number
  /**
   * File offset, below 4 GiB, of a counter that the kernel keeps above 0 while the program is
   * attached. Kernel 4.20.
   */
  readonly counterOffset?: number | undefined
  /** Value that bpf_get_attach_cookie returns. Kernel 5.15. */
  readonly cookie?: bigint | undefined
  /** Name of the file in messages. */
  readonly shown?: string
}

/** PERF_UPROBE_REF_CTR_OFFSET_SHIFT in include/linux/trace_events.h. */
const counterShift = 32n

/**
 * Runs a program of type kprobe when user space executes an instruction. Kernel 4.17 for this way.
 * @param path of the executable or library
 * @param offset of the instruction in the file (not its address)
 * @throws SystemCallError, EbpfError EBPF_NO_EVENT_SOURCE, EBPF_COUNTER_OFFSET
 */
export function attachUprobe(
  program: Attachable,
  path: string,
  offset: number,
  { atReturn = false, pid, counterOffset = 0, cookie, shown = path }: UprobeOptions = {},
): Link {
  const kind = atReturn ? 'uretprobe' : 'uprobe'
  const target = `${shown}:0x${offset.toString(16)}`
  if (counterOffset >= 2 ** Number(counterShift)) {
    const message = `attach ${kind} ${target}: reference counter offset 0x${counterOffset.toString(16)}`
    throw new EbpfError('EBPF_COUNTER_OFFSET', `${message} is not below 4 GiB`)
  }
  const source = eventSource('uprobe', `attach ${kind} ${target}`)
  const event = {
    type: source.type,
    config: (BigInt(counterOffset) << counterShift) | (atReturn ? source.returnBit : 0n),
    config1String: path,
    config2: offset,
    ...(pid === undefined ? { pid: -1, cpu: 0 } : { pid, cpu: -1 }),
  }
  return explainUprobe(`attach ${kind} ${target}`, () =>
    attachPerfEvent(kind, target, program, event, { cookie }),
  )
}
