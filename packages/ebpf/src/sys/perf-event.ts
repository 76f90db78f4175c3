import { Fd } from './fd.ts'
import { check, ioctl, syscall, systemCall } from './ffi.ts'
import { Memory } from './memory.ts'

const attrSize = 128
const PERF_FLAG_FD_CLOEXEC = 8
const PERF_EVENT_IOC_ENABLE = 0x2400
const PERF_EVENT_IOC_DISABLE = 0x2401
const PERF_EVENT_IOC_SET_BPF = 0x40042408

/** struct perf_event_attr (include/uapi/linux/perf_event.h), the fields that are used. */
export interface PerfEvent {
  /**
   * PERF_TYPE_TRACEPOINT 2, PERF_TYPE_SOFTWARE 1, or a dynamic type from sysfs (kprobe, uprobe).
   */
  type: number
  config: number | bigint
  /** Frequency or period; 1 for tracepoints. */
  samplePeriod?: number
  /** PERF_SAMPLE_*: the parts of samples, and of the ends of other records. */
  sampleType?: number
  /** Bits of the flags word, from `disabled` (bit 0) on. */
  flags?: bigint
  /** Clock of the times in records; needs the bit `use_clockid`. */
  clock?: number
  /** First extension word: address of the function's or file's name for kprobes and uprobes. */
  config1?: number | bigint
  /** Second extension word: offset for kprobes and uprobes. */
  config2?: number | bigint
  /** A string that config1 shall point at. */
  config1String?: string
  pid?: number
  cpu?: number
}

/** perf_event_open(2). @throws SystemCallError */
export function openPerfEvent(event: PerfEvent, action: string): Fd {
  const text =
    event.config1String === undefined ? undefined : Buffer.from(`${event.config1String}\0`)
  using memory = Memory.allocate(attrSize + (text?.length ?? 0))
  const { view } = memory
  view.setUint32(0, event.type, true)
  view.setUint32(4, attrSize, true)
  view.setBigUint64(8, BigInt(event.config), true)
  view.setBigUint64(16, BigInt(event.samplePeriod ?? 0), true)
  view.setBigUint64(24, BigInt(event.sampleType ?? 0), true)
  view.setBigUint64(40, event.flags ?? 0n, true)
  view.setUint32(48, 1, true) // wakeup_events
  if (text) {
    memory.bytes.set(text, attrSize)
    view.setBigUint64(56, BigInt(memory.address + attrSize), true)
  } else {
    view.setBigUint64(56, BigInt(event.config1 ?? 0), true)
  }
  view.setBigUint64(64, BigInt(event.config2 ?? 0), true)
  view.setInt32(92, event.clock ?? 0, true)
  const { pid = -1, cpu = 0 } = event
  const fd = syscall(systemCall.perfEventOpen, memory.address, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC)
  return new Fd(check(fd, action))
}

/** Runs a program at every hit of a perf event. @throws SystemCallError */
export function setPerfEventProgram(event: Fd, program: number, action: string): void {
  check(ioctl(event.number, PERF_EVENT_IOC_SET_BPF, program), action)
  check(ioctl(event.number, PERF_EVENT_IOC_ENABLE, 0), action)
}

/** Stops a perf event without closing it. */
export function disablePerfEvent(event: Fd): void {
  ioctl(event.number, PERF_EVENT_IOC_DISABLE, 0)
}
