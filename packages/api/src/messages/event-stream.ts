import type { MessageOf } from '../message.ts'
import { message, string, uint32 } from '../message.ts'

/** Ours: a process that receives a stream of events. */
export const StreamReceiver = message('StreamReceiver', {
  /** In the first pid namespace, as in events. */
  pid: uint32(1),
  /** /proc/sys/kernel/random/boot_id: pids of other kernels are those of other processes. */
  boot_id: string(2),
})
export type StreamReceiver = MessageOf<typeof StreamReceiver>
