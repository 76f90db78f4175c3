import { bpf, bpfCommand, Fd } from '../sys/index.ts'

const BPF_STATS_RUN_TIME = 0

/**
 * Makes the kernel count runs and run time of all programs, at a cost of some 20 ns per run, until
 * the result is disposed. Kernel 5.8; needs CAP_SYS_ADMIN.
 */
export function enableRunStats(): Disposable {
  const fd = bpf(
    bpfCommand.enableStats,
    (attr) => attr.u32(0, BPF_STATS_RUN_TIME),
    'enable run statistics',
  )
  return new Fd(fd)
}
