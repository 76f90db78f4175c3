import type { TargetResult } from './case-results.ts'
import { slowFiles, usualSeconds } from './slow-files.ts'
import type { TestFile } from './test-files.ts'

/**
 * Seconds of files for which another machine is worthwhile: its boot, its first agent and the
 * kernel's names take it half a minute.
 */
export const shareMin = 250

/**
 * Splits the files of a kernel into shares for separate machines, one for each that runs at a time.
 * They take about the same time: the slowest files are given to the share with least, one by one.
 * @param jobs maximum number of machines
 */
export function sharesOf(files: readonly TestFile[], jobs: number): TestFile[][] {
  const seconds = files.reduce((sum, file) => sum + secondsOf(file), 0)
  const count = Math.min(jobs, Math.max(1, Math.floor(seconds / shareMin)))
  const shares = Array.from({ length: count }, () => ({ seconds: 0, files: new Set<TestFile>() }))
  for (const file of files.toSorted((one, other) => secondsOf(other) - secondsOf(one))) {
    const least = shares.reduce((best, share) => (share.seconds < best.seconds ? share : best))
    least.seconds += secondsOf(file)
    least.files.add(file)
  }
  return shares.map((share) => files.filter((file) => share.files.has(file)))
}

function secondsOf({ source }: TestFile): number {
  return slowFiles[source] ?? usualSeconds
}

/** Combines the results of all shares of a kernel, which run side by side. */
export function joinShares(shares: readonly TargetResult[]): TargetResult {
  return {
    ...shares[0],
    durationMs: Math.max(...shares.map(({ durationMs }) => durationMs)),
    bootMs: Math.max(...shares.map(({ bootMs }) => bootMs)),
    processorMs: shares.reduce((sum, { processorMs = 0 }) => sum + processorMs, 0),
    cases: shares.flatMap(({ cases }) => cases),
    fileMs: Object.assign({}, ...shares.map(({ fileMs }) => fileMs)),
    fileProcessorMs: Object.assign({}, ...shares.map(({ fileProcessorMs }) => fileProcessorMs)),
  }
}
