// The start of a thread in the single executable. The file of each thread appends a call.

import { packedFiles } from './load-packed.ts'

/** Runs the packed file of a thread. */
export function runThread(name: string): void {
  packedFiles('agent/bundle')(name)
}
