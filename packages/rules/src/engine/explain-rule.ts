import type { EventKey } from '@tetragon-ts/api'
import type { LinkedRule } from '../link/link-rules.ts'
import type { FieldRef } from '../log-sources/field-ref.ts'
import { type LogSourceName, logSources } from '../log-sources/index.ts'
import { testsOf } from '../model/expression.ts'
import { testText } from '../model/expression-text.ts'
import { type Atom, AtomTable } from './atoms.ts'
import { coverOf } from './cover.ts'
import { costOfTest, lower } from './lower.ts'

/** What a rule needs, and what evaluating it costs. */
export interface RuleNeeds {
  readonly logSource: LogSourceName
  readonly events: readonly EventKey[]
  /** Functions of which a policy must have one; empty if no policy is needed. */
  readonly hooks: readonly string[]
  readonly fields: readonly FieldRef[]
  /** Options of the agent without which a field is missing. */
  readonly options: readonly NeededOption[]
  /** Tests of which one is true whenever the rule matches; undefined: it is always evaluated. */
  readonly evaluatedIf: readonly string[] | undefined
}

/** Options by the start of the path of a process. */
const neededOptions = [
  [/^(?:process_credentials|cap)\b/, '--enable-process-cred'],
  [/^ns\b/, '--enable-process-ns'],
  [/^environment_variables\b/, '--enable-process-environment-variables'],
  [/^pod\b/, '--enable-k8s-api'],
  [/^user\b/, '--username-metadata=unix'],
  [/^executable\b/, '--exec-fields=executable'],
  [/^argv/, '--exec-fields=argv'],
  [/^(?:session_|tty\b)/, '--exec-fields=session'],
  [/^upper_layer\b/, '--exec-fields=layer'],
  [/^environment_names/, '--exec-fields=environment'],
] as const

/** An option of the agent without which events lack fields of rules. */
export type NeededOption = (typeof neededOptions)[number][1] | '--enable-ancestors'

/** Finds out what a rule and its filters need. */
export function explainRule({ rule, filters }: LinkedRule): RuleNeeds {
  const conditions = [rule.condition, ...filters.map(({ condition }) => condition)]
  const fields = new Map<string, FieldRef>()
  for (const condition of conditions) {
    for (const { field, test } of testsOf(condition)) {
      fields.set(field.written, field)
      if (test.kind === 'field' && typeof test.other !== 'string') {
        fields.set(test.other.written, test.other)
      }
    }
  }
  const options = new Set<NeededOption>()
  for (const { of, path } of fields.values()) {
    if (of === 'ancestors') options.add('--enable-ancestors')
    if (of === 'event') continue
    for (const [pattern, option] of neededOptions) if (pattern.test(path)) options.add(option)
  }
  const { events, hooks } = logSources[rule.logSource]
  return {
    logSource: rule.logSource,
    events,
    hooks,
    fields: [...fields.values()],
    options: [...options],
    evaluatedIf: evaluatedIf(rule.condition),
  }
}

function evaluatedIf(condition: LinkedRule['rule']['condition']): string[] | undefined {
  const tests: Atom[] = []
  const bits = new Map<string, number>()
  const table = new AtomTable()
  const bitOf = (field: FieldRef, test: Atom['test']): number => {
    const key = `${field.of} ${table.numberOf(field, test)}`
    const bit = bits.get(key) ?? tests.length
    if (bit === tests.length) tests.push({ number: bit, field, test })
    bits.set(key, bit)
    return bit
  }
  const cover = coverOf(lower(condition, bitOf, []), (bit) => costOfTest(tests[bit].test))
  return cover?.bits.map((bit) => `${tests[bit].field.written} ${testText(tests[bit].test)}`)
}
