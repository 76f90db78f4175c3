import {
  explainRule,
  type LinkedRule,
  type NeededOption,
  PortableFilters,
  portableCorrelations,
  portableRule,
  ruleKey,
  rulePolicies,
} from '@tetragon-ts/rules'
import type { PreparedRules, RulesToRead } from './prepared-rules.ts'
import { readAllRules, rulesOf } from './read-rules.ts'
import type { OptionNeed } from './rules-in-force.ts'

/** Rules in a part; a part is restored without a pause. */
const partRules = 20
/** Characters of a part: some 20 ms. */
const partMax = 2_000_000

/** Reads and checks rules, as data for the reader's thread. */
export function prepareTexts({ texts, required }: RulesToRead): PreparedRules {
  const { linked, filters, leftOut, byFile } = readAllRules(texts)
  const kept: LinkedRule[] = []
  const rules: string[] = []
  const known = new PortableFilters()
  const filterTexts: string[] = []
  const tooLarge: string[] = []
  const errorsOf = new Map(byFile)
  let part: string[] = []
  const usedFilters = new Set<number>()
  const isUsed = new Set(linked.correlations.flatMap(({ fields }) => [...fields.keys()]))
  const endPart = (): void => {
    if (part.length > 0) rules.push(`[${part.join()}]`)
    part = []
  }
  for (const each of linked.rules) {
    const { rule } = each
    const portable = portableRule(each, known)
    const text = JSON.stringify(portable)
    for (const filter of known.all.slice(filterTexts.length)) {
      filterTexts.push(JSON.stringify(filter))
    }
    const size = portable.filters.reduce((sum, i) => sum + filterTexts[i].length, text.length)
    if (size > partMax && !isUsed.has(rule)) {
      const { file, line } = rule
      const error = `${file}:${line}:1: too many values: split the rule`
      tooLarge.push(`rule left out: ${error}`)
      errorsOf.set(file, [...(errorsOf.get(file) ?? []), error])
      continue
    }
    if (size > partMax / partRules) endPart()
    for (const number of portable.filters) usedFilters.add(number)
    part.push(text)
    kept.push(each)
    if (part.length === partRules || size > partMax / partRules) endPart()
  }
  endPart()
  return {
    filters: [...usedFilters].map((number) => [number, filterTexts[number]]),
    rules,
    correlations: JSON.stringify(portableCorrelations({ ...linked, rules: kept })),
    inForce: {
      rules: rulesOf({ ...linked, rules: kept }),
      filters,
      errors: [...leftOut, ...tooLarge],
      policies: rulePolicies({ ...linked, rules: kept }),
      needs: needsOf(kept),
      byFile: errorsOf,
      early: 0,
    },
    refused: required === undefined ? [] : (byFile.get(required) ?? []),
  }
}

function needsOf(rules: readonly LinkedRule[]): OptionNeed[] {
  const needs = new Map<NeededOption, string[]>()
  for (const each of rules) {
    for (const option of explainRule(each).options) {
      needs.set(option, [...(needs.get(option) ?? []), ruleKey(each.rule)])
    }
  }
  return [...needs].map(([option, names]) => ({ option, rules: names }))
}
