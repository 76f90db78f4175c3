import { attachType } from '../asm/index.ts'
import {
  bpf,
  bpfCommand,
  disablePerfEvent,
  Fd,
  openPerfEvent,
  type PerfEvent,
  SystemCallError,
  setPerfEventProgram,
} from '../sys/index.ts'
import { type Attachable, type AttachOptions, FdLink, type Link } from './link.ts'

/** How a program is attached to a perf event. */
export interface PerfEventOptions extends AttachOptions {
  /** Value that bpf_get_attach_cookie returns. Kernel 5.15. */
  readonly cookie?: bigint | undefined
}

/**
 * Runs a program at every hit of a perf event. The program belongs to the event: it goes when the
 * descriptor is closed. On kernels before 5.15 the link cannot be pinned.
 * @throws SystemCallError
 */
export function attachPerfEvent(
  kind: string,
  target: string,
  program: Attachable,
  event: PerfEvent,
  { pinnable = false, cookie }: PerfEventOptions = {},
): Link {
  const action = `attach ${kind} ${target}`
  const fd = openPerfEvent(event, action)
  const link = pinnable || cookie !== undefined ? linkOf(program, fd, action, cookie) : undefined
  if (link) {
    // The link holds the event.
    fd.close()
    return new FdLink(kind, target, link)
  }
  try {
    setPerfEventProgram(fd, program.fd.number, action)
  } catch (error) {
    disablePerfEvent(fd)
    fd.close()
    throw error
  }
  return new FdLink(kind, target, fd)
}

/** Undefined if the kernel has no such links, which only those with a cookie require. */
function linkOf(program: Attachable, event: Fd, action: string, cookie?: bigint): Fd | undefined {
  try {
    const fd = bpf(
      bpfCommand.linkCreate,
      (attr) => {
        attr.u32(0, program.fd.number).u32(4, event.number).u32(8, attachType.perfEvent)
        if (cookie !== undefined) attr.u64(16, cookie)
      },
      action,
    )
    return new Fd(fd)
  } catch (error) {
    if (error instanceof SystemCallError && cookie === undefined) return undefined
    event.close()
    throw error
  }
}
