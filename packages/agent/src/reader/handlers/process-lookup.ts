import { array } from '@tetragon-ts/ebpf/maps'
import { OpenMap } from '@tetragon-ts/ebpf/open-maps'
import { testRun } from '@tetragon-ts/ebpf/programs'
import { Fd } from '@tetragon-ts/ebpf/sys'
import type { LookupDescriptors } from '@tetragon-ts/sensors/process'

/** Finds live processes in the kernel. */
export interface ProcessLookup {
  /**
   * The bytes of a `RunningRecord`; undefined if no process has the pid.
   * @param execs the kernel's count of its execs at the hit
   * @param time of the hit, in nanoseconds since boot
   */
  find(pid: number, execs: number, time: bigint): Uint8Array | undefined
}

/** @param descriptors the caller closes them */
export function processLookup({ programFd, answerFd, size }: LookupDescriptors): ProcessLookup {
  const program = new Fd(programFd)
  const value = {
    size,
    encode: () => {},
    decode: ({ buffer, byteOffset }: DataView, offset: number) =>
      new Uint8Array(buffer, byteOffset + offset, size).slice(),
  }
  const spec = array('tg_answer', { value, maxEntries: 1 })
  const answers = new OpenMap(spec, new Fd(answerFd), spec.key, value)
  const context = new BigUint64Array(3)
  return {
    find(pid, execs, time) {
      context.set([BigInt(pid), BigInt(execs), time])
      const options = { context: new Uint8Array(context.buffer) }
      const { returnValue } = testRun(program, 'look up process', options)
      return returnValue === 1 ? answers.lookup(0) : undefined
    },
  }
}
