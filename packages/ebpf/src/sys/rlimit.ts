import { SystemCallError } from './error.ts'
import { prlimit } from './ffi.ts'
import { Memory } from './memory.ts'

const RLIMIT_MEMLOCK = 8 // the same on x86-64 and arm64
const RLIM_INFINITY = (1n << 64n) - 1n

/**
 * Lifts this process's limit of locked memory. Kernels before 5.11 count maps, programs and BTF
 * against it, and their default of 64 KiB is too little; later ones charge the memory cgroup.
 * Needs CAP_SYS_RESOURCE.
 * @returns whether the kernel agreed
 */
export function liftMemlockLimit(): boolean {
  using limit = Memory.allocate(16)
  limit.view.setBigUint64(0, RLIM_INFINITY, true)
  limit.view.setBigUint64(8, RLIM_INFINITY, true)
  return prlimit(0, RLIMIT_MEMLOCK, limit.address, 0) === 0
}

let lifted = false

/**
 * Creates a kernel object; when the kernel refuses for the limit of locked memory, lifts the limit
 * once and tries again.
 */
export function withLockedMemory<T>(create: () => T): T {
  try {
    return create()
  } catch (error) {
    if (!liftsLimitFor(error)) throw error
    return create()
  }
}

/**
 * Lifts the limit of locked memory if it may be why the kernel refused to create an object.
 * @returns whether it is worth trying again
 */
export function liftsLimitFor(error: unknown): boolean {
  const refused = error instanceof SystemCallError && error.errno === 'EPERM'
  if (!refused || lifted) return false
  lifted = liftMemlockLimit()
  return lifted
}
