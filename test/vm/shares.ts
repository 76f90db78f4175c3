import type { TargetResult } from './case-results.ts'
import type { TestFile } from './test-files.ts'

/** For fewer files another boot is not worthwhile. */
const filesMin = 12
/** Kernels that run side by side fill the processors with fewer shares each. */
const sharesMax = { alone: 6, beside: 4 }

/**
 * Splits the files of a kernel into shares for separate machines: two processors that work on
 * shares of different sizes finish together, two that work on whole kernels do not. Neighbours are
 * in different shares, since the files of a folder take about the same time.
 * @param jobs maximum number of machines
 * @param kernels number of kernels of the run
 */
export function sharesOf(files: readonly TestFile[], jobs: number, kernels: number): TestFile[][] {
  const most = jobs === 1 ? 1 : sharesMax[kernels === 1 ? 'alone' : 'beside']
  const count = Math.min(most, Math.max(1, Math.floor(files.length / filesMin)))
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
