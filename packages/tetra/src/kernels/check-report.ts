import type { CheckNote, CheckRow } from '@tetragon-ts/compiler/kernel-description'
import { formatDiagnostic } from '@tetragon-ts/policy'
import { tableLines } from '../table.ts'

const header = ['POLICY', 'HOOK', 'KERNEL', 'RESULT', 'BACK END', 'ENFORCEMENT']

/** A table of hooks by kernel, and then why some do not work, or can be missed. */
export function checkReport(rows: readonly CheckRow[], notes: readonly CheckNote[]): string {
  const cells = rows.map(({ policy, hook, kernel, result, backend, enforcement }) => {
    return [policy, hook, kernel, result, backend, enforcement]
  })
  const reasons = notes.flatMap(({ diagnostic, kernels }) => {
    return [formatDiagnostic(diagnostic), `  on ${kernels.join(', ')}`]
  })
  const lines = [...tableLines([header, ...cells]), ...(notes.length > 0 ? ['', ...reasons] : [])]
  return `${lines.join('\n')}\n`
}
