import { prctl } from './ffi.ts'

/** include/uapi/linux/prctl.h */
const PR_SET_DUMPABLE = 4

/**
 * Prevents core dumps of this process. During one its descriptors stay open, and a program that
 * gets the dump may wait for what this process would have to answer.
 */
export function preventCoreDumps(): void {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
}
