import type { TargetResult } from './case-results.ts'
import type { TestFile } from './test-files.ts'

/** Fewer files are not worth another boot. */
const filesMin = 12
const sharesMax = 4

/**
 * Cuts the files of a kernel into shares for machines of their own: two processors that work on
 * shares of different sizes end together, two that work on whole kernels do not. Neighbours go to
 * different shares, since the files of one folder take about the same time.
 * @param jobs how many machines may run at once
 */
export function sharesOf(files: readonly TestFile[], jobs: number): TestFile[][] {
  const count =
    jobs === 1 ? 1 : Math.min(sharesMax, Math.max(1, Math.floor(files.length / filesMin)))
  return Array.from({ length: count }, (_, share) => files.filter((_, i) => i % count === share))
}

/** The results of all shares of a kernel as those of one machine: times are added up. */
export function joinShares(shares: readonly TargetResult[]): TargetResult {
  const sum = (key: 'durationMs' | 'bootMs') => shares.reduce((all, share) => all + share[key], 0)
  return {
    ...shares[0],
    durationMs: sum('durationMs'),
    bootMs: sum('bootMs'),
    cases: shares.flatMap(({ cases }) => cases),
    fileMs: Object.assign({}, ...shares.map(({ fileMs }) => fileMs)),
  }
}
