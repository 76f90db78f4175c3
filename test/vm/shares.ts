import type { TargetResult } from './case-results.ts'
import type { TestFile } from './test-files.ts'

/** For fewer files another machine is not worthwhile: its first agent takes a minute. */
const filesMin = 12

/**
 * Splits the files of a kernel into shares for separate machines, one for each that runs at a time.
 * Neighbours are in different shares, since the files of a folder take about the same time.
 * @param jobs maximum number of machines
 */
export function sharesOf(files: readonly TestFile[], jobs: number): TestFile[][] {
  const count = Math.min(jobs, Math.max(1, Math.floor(files.length / filesMin)))
  return Array.from({ length: count }, (_, share) => files.filter((_, i) => i % count === share))
}

/** Combines the results of all shares of a kernel: times are added up. */
export function joinShares(shares: readonly TargetResult[]): TargetResult {
  const sum = (key: 'durationMs' | 'bootMs' | 'processorMs') =>
    shares.reduce((all, share) => all + (share[key] ?? 0), 0)
  return {
    ...shares[0],
    durationMs: sum('durationMs'),
    bootMs: sum('bootMs'),
    processorMs: sum('processorMs'),
    cases: shares.flatMap(({ cases }) => cases),
    fileMs: Object.assign({}, ...shares.map(({ fileMs }) => fileMs)),
  }
}
