import type { Attachable, AttachOptions, Link } from './link.ts'
import { attachPerfEvent } from './perf-event-link.ts'
import { tracepointId } from './tracefs.ts'

const PERF_TYPE_TRACEPOINT = 2

/**
 * Runs a program of type tracepoint at every hit of a tracepoint, with the fields that its format
 * file in tracefs describes. Kernel 4.7; needs tracefs.
 * @throws SystemCallError, EbpfError EBPF_NO_TRACEFS or EBPF_NO_TRACEPOINT
 */
export function attachTracepoint(
  program: Attachable,
  group: string,
  name: string,
  options?: AttachOptions,
): Link {
  const target = `${group}:${name}`
  const config = tracepointId(group, name, `attach tracepoint ${target}`)
  // One event is enough: though bound to CPU 0, its program runs on whatever CPU hits the
  // tracepoint (kernel/trace/trace_event_perf.c, perf_trace_run_bpf_submit).
  const event = { type: PERF_TYPE_TRACEPOINT, config, samplePeriod: 1 }
  return attachPerfEvent('tracepoint', target, program, event, options)
}
