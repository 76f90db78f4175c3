import { bpf, bpfCommand, Fd } from '../sys/index.ts'
import { type Attachable, FdLink, type Link } from './link.ts'

/**
 * Runs a program of type rawTracepoint at every hit of a tracepoint, with the tracepoint's raw
 * arguments. Kernel 4.17.
 * @param name the tracepoint without its group: `sched_process_exec`
 * @param cookie value that bpf_get_attach_cookie returns; kernel 6.10
 * @throws SystemCallError
 */
export function attachRawTracepoint(program: Attachable, name: string, cookie?: bigint): Link {
  const fd = bpf(
    bpfCommand.rawTracepointOpen,
    (attr) => {
      attr.string(0, name)
      attr.u32(8, program.fd.number)
      if (cookie !== undefined) attr.u64(16, cookie)
    },
    `attach raw_tracepoint ${name}`,
  )
  return new FdLink('raw_tracepoint', name, new Fd(fd))
}
