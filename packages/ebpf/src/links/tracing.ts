import type { TracingKind } from '../lang/index.ts'
import { bpf, bpfCommand, Fd } from '../sys/index.ts'
import { type Attachable, FdLink, type Link } from './link.ts'

/**
 * Attaches a program to the hook it was loaded for. Without a cookie this is
 * BPF_RAW_TRACEPOINT_OPEN without a name, which every kernel with such programs understands; with
 * one it is BPF_LINK_CREATE.
 */
export function attachTracing(
  kind: TracingKind,
  program: Attachable,
  target: string,
  cookie?: { readonly value: bigint; readonly attachType: number },
): Link {
  const fd = bpf(
    cookie ? bpfCommand.linkCreate : bpfCommand.rawTracepointOpen,
    (attr) => {
      if (!cookie) attr.u32(8, program.fd.number)
      else attr.u32(0, program.fd.number).u32(8, cookie.attachType).u64(24, cookie.value)
    },
    `attach ${kind} ${target}`,
  )
  return new FdLink(kind, target, new Fd(fd))
}
