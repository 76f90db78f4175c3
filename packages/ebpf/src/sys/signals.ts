import { pthreadSigmask, signal } from './ffi.ts'
import { Memory } from './memory.ts'

const SIG_BLOCK = 0
const SIG_SETMASK = 2
const SIG_IGN = 1
/** sigset_t of glibc and musl. */
const setSize = 128

/**
 * Runs something with the signals of this thread held back: they arrive when it is done. Long
 * system calls that give up for a signal, such as the verifier's, need it where signals come faster
 * than they end. (SIGKILL and SIGSTOP cannot be held back.)
 */
export function withoutSignals<T>(run: () => T): T {
  using sets = Memory.allocate(2 * setSize)
  const all = sets.slice(0, setSize)
  const before = sets.slice(setSize, setSize)
  all.bytes.fill(0xff)
  pthreadSigmask(SIG_BLOCK, all.address, before.address)
  try {
    return run()
  } finally {
    pthreadSigmask(SIG_SETMASK, before.address, 0)
  }
}

/**
 * Ignores a signal in the whole process, whichever thread it is sent to. A handler that a
 * JavaScript listener adds later replaces this. Numbers that the C library keeps for itself stay as
 * they are.
 * @param number as in kill(2)
 */
export function ignoreSignal(number: number): void {
  signal(number, SIG_IGN)
}
