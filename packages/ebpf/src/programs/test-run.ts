import { bpf, bpfCommand, type Fd, Memory } from '../sys/index.ts'

const BPF_F_TEST_RUN_ON_CPU = 1

export interface TestRunOptions {
  /** The packet, for programs that get one; at least 14 bytes. */
  readonly data?: Uint8Array
  /** The context: for raw tracepoints their arguments, 8 bytes each. */
  readonly context?: Uint8Array
  /** Runs; not for raw tracepoints and syscall programs. */
  readonly repeat?: number
  /** Run on this CPU; only for raw tracepoints. Kernel 5.10. */
  readonly cpu?: number
}

export interface TestRunResult {
  readonly returnValue: number
  /** Nanoseconds of one run on average, for types that repeat. */
  readonly durationNs: number
  /** The packet after the run. */
  readonly data: Uint8Array
}

/** Runs a program without attaching it (BPF_PROG_TEST_RUN). @throws SystemCallError */
export function testRun(fd: Fd, action: string, options: TestRunOptions = {}): TestRunResult {
  const { data, context, repeat = 0, cpu } = options
  const outputSize = data ? data.byteLength + 256 : 0
  using output = data && Memory.allocate(outputSize)
  return bpf(
    bpfCommand.progTestRun,
    (attr) => {
      attr.u32(0, fd.number).u32(32, repeat)
      if (data && output) {
        attr.u32(8, data.byteLength).copy(16, data)
        attr.u32(12, outputSize).pointer(24, output)
      }
      if (context) attr.u32(40, context.byteLength).copy(48, context)
      if (cpu !== undefined) attr.u32(64, BPF_F_TEST_RUN_ON_CPU).u32(68, cpu)
    },
    action,
    (_, { memory: { view } }) => ({
      returnValue: view.getUint32(4, true),
      durationNs: view.getUint32(36, true),
      data: output?.bytes.slice(0, view.getUint32(12, true)) ?? new Uint8Array(),
    }),
  )
}
