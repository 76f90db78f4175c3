import { pthreadSigmask } from './ffi.ts'
import { Memory } from './memory.ts'

const SIG_BLOCK = 0
const SIG_SETMASK = 2
/** sigset_t of glibc and musl. */
const setSize = 128

/**
 * Runs something with the signals of this thread held back: they arrive when it is done. Long system
 * calls that give up for a signal, such as the verifier's, need it where signals come faster than they
 * end. (SIGKILL and SIGSTOP cannot be held back.)
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
