import { prctl } from './ffi.ts'

/** include/uapi/linux/prctl.h */
const PR_SET_DUMPABLE = 4

/**
 * Disables core dumps of this process. While a dump is written the descriptors stay open, and the
 * core handler may wait for an answer from this process.
 */
export function preventCoreDumps(): void {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
}
