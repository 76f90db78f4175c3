import { nearest } from '@tetragon-ts/api/nearest'
import type { LinkedCorrelation, LinkedRule, LinkedRules, RuleHead } from '@tetragon-ts/rules'
import { UsageError } from '../usage-error.ts'

/** Finds a rule or correlation by its id, name or title. @throws UsageError with the nearest one */
export function findRule(
  { rules, correlations }: LinkedRules,
  wanted: string,
): LinkedRule | LinkedCorrelation {
  const lower = wanted.toLowerCase()
  const all = [...rules, ...correlations]
  const found = all.find((each) => {
    return namesOf(headOf(each)).some((name) => name.toLowerCase() === lower)
  })
  if (found !== undefined) return found
  const near = nearest(
    wanted,
    all.flatMap((each) => namesOf(headOf(each))),
  )
  const hint = near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`
  throw new UsageError(`no rule has the id, name or title ${JSON.stringify(wanted)}${hint}`)
}

/** What rules and correlations have alike. */
export function headOf(each: LinkedRule | LinkedCorrelation): RuleHead {
  return 'rule' in each ? each.rule : each.correlation
}

function namesOf({ id, name, title }: RuleHead): string[] {
  return [id, name, title].flatMap((each) => each ?? [])
}
