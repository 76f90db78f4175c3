import { attachType } from '../asm/index.ts'
import type { Attachable, Link } from './link.ts'
import { attachTracing } from './tracing.ts'

/**
 * Runs a tracing program (attach type traceRawTp) at a tracepoint, with typed arguments. The
 * tracepoint is the one whose `btf_trace_…` typedef it was loaded for. Kernel 5.5.
 * @param target name of the tracepoint, for messages
 * @param cookie kernel 6.10
 * @throws SystemCallError
 */
export function attachTpBtf(program: Attachable, target: string, cookie?: bigint): Link {
  const options =
    cookie === undefined ? undefined : { value: cookie, attachType: attachType.traceRawTp }
  return attachTracing('tp_btf', program, target, options)
}
