import { programType } from '@tetragon-ts/ebpf/asm'
import type { Action } from '@tetragon-ts/policy'
import { byPolicy } from '../hook/refusal.ts'
import type { Means } from './means.ts'

const SIGKILL = 9

/** Types of programs that may call bpf_send_signal: bpf_tracing_func_proto in bpf_trace.c. */
const sendingTypes: ReadonlySet<number> = new Set([
  ...[programType.kprobe, programType.tracepoint, programType.rawTracepoint],
  ...[programType.tracing, programType.lsm],
])

/**
 * Signals to the current process (bpf_send_signal, Linux 5.3), from any hook. The operation itself
 * continues: the signal is handled before the process returns to user space.
 */
export const signalMeans: Means<'Sigkill' | 'Signal', 'signal'> = {
  name: 'signal',
  guarantee: 'signals',
  refuses(_, { backend, why, enter, leave, late = [], anyTask }, { btf }) {
    if (anyTask !== undefined) {
      return byPolicy(`the current process at ${why} need not be the one that acts: ${anyTask}`)
    }
    const all = [...enter, ...leave, ...late]
    const isMute = all.some(({ hook }) => !sendingTypes.has(hook.resolve(btf).programType))
    return isMute ? byPolicy(`programs of ${backend} (${why}) cannot send signals`) : undefined
  },
  emit: (action, { k }) => k.call('send_signal', signalNumber(action)),
}

/** The signal of an action. */
export function signalNumber(action: Action<'Sigkill' | 'Signal'>): number {
  return action.action === 'Signal' ? action.signal : SIGKILL
}
