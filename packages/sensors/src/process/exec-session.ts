import type { Code, Int, Ptr, RecordWriter } from '@tetragon-ts/ebpf/lang'
import { type TaskStruct, Upid } from '../kernel/types.ts'
import type { ProcessRecords } from '../records/process.ts'

/** PIDTYPE_SID in include/linux/pid.h. */
const sessionPid = 3
/** Size of tty_struct.name. */
const nameMax = 64

/** Pid of the leader of a task's session in the host's pid namespace, also after its end. */
export function sessionOf(k: Code, { signal }: Ptr<TaskStruct>): Int {
  const leader = signal.pids.at(k.enumerator('PIDTYPE_SID') ?? sessionPid)
  return k.snapshot(Upid, k.addressOf(leader, 'numbers'), ['nr']).nr
}

/** Appends the name of the controlling terminal, if there is one. */
export function appendTerminal(
  k: Code,
  { signal }: Ptr<TaskStruct>,
  writer: RecordWriter<ProcessRecords['ExecRecord']['shape']>,
): void {
  const { tty } = signal
  k.when(k.address(tty).ne(0), () =>
    writer.tail('tty', (to) => {
      const copied = k.readKernelString(to, nameMax, k.addressOf(tty, 'name'))
      // The count includes the terminating zero, which is not in the record.
      return k.select(copied.signedGt(0), copied.sub(1).and(nameMax - 1), 0)
    }),
  )
}
