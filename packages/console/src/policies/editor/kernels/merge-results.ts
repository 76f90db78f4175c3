import type { KernelResult } from '../../../kernels/protocol.ts'

/** The results of workers for different processors as one. */
export function mergeResults(results: readonly KernelResult[]): KernelResult {
  const sum = (count: (result: KernelResult) => number) =>
    results.reduce((total, result) => total + count(result), 0)
  return {
    checks: sum(({ checks }) => checks),
    failed: sum(({ failed }) => failed),
    rows: results.flatMap(({ rows }) => rows),
    omitted: sum(({ omitted }) => omitted),
    findings: results.flatMap(({ findings }) => findings),
  }
}
