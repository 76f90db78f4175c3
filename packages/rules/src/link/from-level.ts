import { findingLevels } from '@tetragon-ts/api'
import type { Level, RuleHead } from '../model/rule.ts'
import type { LinkedRules } from './link-rules.ts'

/**
 * Leaves out rules and correlations below a level. Rules that correlations of this level use stay,
 * without being findings themselves.
 * @param leastOf the level for rules of a file; undefined: all stay
 */
export function fromLevel(
  linked: LinkedRules,
  leastOf: (file: string) => Level | undefined,
): LinkedRules {
  const reaches = ({ file, level }: RuleHead): boolean => {
    const least = leastOf(file)
    if (least === undefined) return true
    return level !== undefined && findingLevels.indexOf(level) >= findingLevels.indexOf(least)
  }
  const used = new Set<RuleHead>()
  // Correlations come after those that they use.
  const correlations = linked.correlations
    .toReversed()
    .filter(({ correlation, parts }) => {
      if (!reaches(correlation) && !used.has(correlation)) return false
      for (const part of parts) used.add(part)
      return true
    })
    .toReversed()
  const rules = linked.rules.flatMap((each) => {
    if (reaches(each.rule)) return [each]
    return used.has(each.rule) ? [{ ...each, alone: false }] : []
  })
  return { ...linked, rules, correlations }
}
