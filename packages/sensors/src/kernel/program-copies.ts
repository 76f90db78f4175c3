import { release } from 'node:os'

/**
 * How often a program is attached to a tracepoint so that it misses no hit.
 *
 * The kernel leaves out a program that is still at work on the same CPU for a task that was
 * preempted in it (bpf_prog_run in kernel/trace/bpf_trace.c). Up to 6.18 nothing preempts a task
 * there; 7.0 has tracepoints preemptible (__DECLARE_TRACE in include/linux/tracepoint.h), and no
 * type tells. So where it may be, a second copy is attached, and programs are made so that it does
 * nothing where the first one was.
 * @param kernel its release, such as `6.12.48-amd64`
 */
export function programCopies(kernel = release()): 1 | 2 {
  const [major, minor] = kernel.split('.').map(Number.parseFloat)
  return major < 6 || (major === 6 && minor <= 18) ? 1 : 2
}
