import { type Hook, tpBtf } from '@tetragon-ts/ebpf/lang'
import { callsPerTable, type SyscallTracepoint } from '@tetragon-ts/sensors/kernel/system-calls'

/** A hook that a dispatcher runs, for the system calls of these slots. */
export function syscallHook(at: SyscallTracepoint, slots: readonly number[]): Hook {
  const target = `${at} ${slots.join()}`
  return { ...tpBtf(at), kind: 'syscall', target, attachment: { at: 'program', of: at, slots } }
}

/** Index of the program of a call: calls of the 32-bit table are after all others. */
export function syscallSlot(number: number, isCompat: boolean): number {
  return isCompat ? number + callsPerTable : number
}
