import { nearest } from '@tetragon-ts/api/nearest'
import type { LinkedRule, LinkedRules } from '@tetragon-ts/rules'
import { UsageError } from '../usage-error.ts'

/** Finds a rule by its id, name or title. @throws UsageError with the nearest one */
export function findRule({ rules }: LinkedRules, wanted: string): LinkedRule {
  const lower = wanted.toLowerCase()
  const names = ({ rule }: LinkedRule): string[] => {
    return [rule.id, rule.name, rule.title].flatMap((each) => each ?? [])
  }
  const found = rules.find((each) => names(each).some((name) => name.toLowerCase() === lower))
  if (found !== undefined) return found
  const near = nearest(wanted, rules.flatMap(names))
  const hint = near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`
  throw new UsageError(`no rule has the id, name or title ${JSON.stringify(wanted)}${hint}`)
}
