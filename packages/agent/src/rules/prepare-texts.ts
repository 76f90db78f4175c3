import { serialize } from 'node:v8'
import {
  explainRule,
  type LinkedRule,
  type NeededOption,
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
/** Bytes of a part: some 20 ms. */
const partMax = 2_000_000

/** Reads and checks rules, as data for the reader's thread. */
export function prepareTexts({ texts, required }: RulesToRead): PreparedRules {
  const { linked, filters, leftOut, byFile } = readAllRules(texts)
  const kept: LinkedRule[] = []
  const rules: Uint8Array[] = []
  const tooLarge: string[] = []
  const errorsOf = new Map(byFile)
  let part: unknown[] = []
  const isUsed = new Set(linked.correlations.flatMap(({ fields }) => [...fields.keys()]))
  const endPart = (): void => {
    if (part.length > 0) rules.push(serialize(part))
    part = []
  }
  for (const each of linked.rules) {
    const { rule } = each
    const data = portableRule(each)
    const size = serialize(data).byteLength
    if (size > partMax && !isUsed.has(rule)) {
      const { file, line } = rule
      const error = `${file}:${line}:1: too many values: split the rule`
      tooLarge.push(`rule left out: ${error}`)
      errorsOf.set(file, [...(errorsOf.get(file) ?? []), error])
      continue
    }
    if (size > partMax / partRules) endPart()
    part.push(data)
    kept.push(each)
    if (part.length === partRules || size > partMax / partRules) endPart()
  }
  endPart()
  return {
    rules,
    correlations: serialize(portableCorrelations({ ...linked, rules: kept })),
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
