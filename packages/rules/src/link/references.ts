import { nearest } from '@tetragon-ts/api/nearest'
import type { RuleCode } from '../diagnostics/codes.ts'
import type { Correlation, Rule } from '../model/rule.ts'

/** Reports a problem of an item. */
export type Report = (
  item: { readonly file: string; readonly line: number },
  code: RuleCode,
  message: string,
  severity?: 'error' | 'warning',
) => void

/** Rules and correlations by id and by name. */
export type Names = ReadonlyMap<string, Rule | Correlation>

/** Message for a reference to nothing. */
export function unknownReference(reference: string, names: Names): string {
  const near = nearest(reference, [...names.keys()])
  const hint = near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`
  return `no rule has the id or name ${JSON.stringify(reference)}${hint}`
}
