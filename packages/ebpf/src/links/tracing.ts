import { attachType } from '../asm/index.ts'
import type { TracingKind } from '../lang/index.ts'
import { bpf, bpfCommand, Fd } from '../sys/index.ts'
import { type Attachable, FdLink, type Link } from './link.ts'

/** The attach types with which the programs are loaded. */
const attachTypes: Readonly<Record<TracingKind, number>> = {
  /** At a tracepoint, with typed arguments. Kernel 5.5; with a cookie 6.10. */
  tp_btf: attachType.traceRawTp,
  /**
   * At the entry of a kernel function. Kernel 5.5, with a cookie 5.19, as for those below; needs
   * trampolines, which the architecture or a lockdown may lack: arm64 has them from 6.0 on.
   */
  fentry: attachType.traceFentry,
  /** Where a kernel function returns; it sees the arguments and the result. */
  fexit: attachType.traceFexit,
  /**
   * Before a kernel function; a result other than 0 takes the place of the call. Only for functions
   * that allow it: those of error injection and `security_*`. Kernel 5.7.
   */
  fmod_ret: attachType.modifyReturn,
  /**
   * At a security hook; a negative result denies. Kernel 5.7; needs `bpf` in the list of security
   * modules (/sys/kernel/security/lsm). On a kernel without it in the list the attaching may
   * succeed and the program never run.
   */
  lsm: attachType.lsmMac,
}

/**
 * Attaches a program to the hook it was loaded for. Without a cookie this is
 * BPF_RAW_TRACEPOINT_OPEN without a name, which every kernel with such programs understands; with
 * one it is BPF_LINK_CREATE.
 * @param target name of the function or tracepoint, for messages
 * @param cookie value that bpf_get_attach_cookie returns
 * @throws SystemCallError
 */
export function attachTracing(
  kind: TracingKind,
  program: Attachable,
  target: string,
  cookie?: bigint,
): Link {
  const fd = bpf(
    cookie === undefined ? bpfCommand.rawTracepointOpen : bpfCommand.linkCreate,
    (attr) => {
      if (cookie === undefined) attr.u32(8, program.fd.number)
      else attr.u32(0, program.fd.number).u32(8, attachTypes[kind]).u64(24, cookie)
    },
    `attach ${kind} ${target}`,
  )
  return new FdLink(kind, target, new Fd(fd))
}
