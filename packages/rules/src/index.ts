/**
 * Detection rules in Sigma's language, without a kernel. The way of a rule:
 *
 * ```ts
 * const { items, diagnostics } = readRules(text, 'rules.yaml') // for each file
 * const linked = linkRules(allItems) // filters and correlations find their rules
 * const rules = compileRules(linked)
 * ```
 *
 * An agent calls `rules.facts(process)` once for each image of a process, keeps the result with the
 * process, and for each event asks for the rules that match:
 *
 * ```ts
 * const ancestors = () => [parentFacts, ...others] // called if a rule needs them
 * rules.evaluate('process_creation', { process: facts, parent: parentFacts, ancestors }, {})
 * ```
 *
 * The third argument has the event's own fields by the names of its log source, such as
 * `TargetFilename`; `logSources[name].records(event)` reads them from a recorded event. The fourth
 * returns the time of the event, for filters that expire. A match
 * with `suppressedBy` is excepted by a filter, one that is not `alone` only counts for
 * correlations.
 * Recorded events take one call: `rules.evaluateEvent(event)`. Matches of all rules are counted by
 * a `Correlator` of `linked.correlations`.
 */
export { boundedKey } from './correlations/bounded-key.ts'
export {
  type CorrelationFinding,
  Correlator,
  type CorrelatorCounts,
  type CountedMatch,
} from './correlations/correlator.ts'
export type { CorrelatedEvent } from './correlations/window.ts'
export { type RuleCode, ruleCodes } from './diagnostics/codes.ts'
export type { RuleDiagnostic } from './diagnostics/diagnostic.ts'
export { type EnforcedRules, enforceability, enforceRules } from './enforce/enforce-rules.ts'
export { compileInSteps, compileRules } from './engine/compile-rules.ts'
export { explainRule, type NeededOption, type RuleNeeds } from './engine/explain-rule.ts'
export { type MatchedField, matchedFields } from './engine/matched-fields.ts'
export type { ProcessFacts } from './engine/process-facts.ts'
export type { EventMatch, EventProcesses, RuleSet } from './engine/rule-set.ts'
export type { RuleMatch } from './engine/source-program.ts'
export type { Steps } from './engine/steps.ts'
export type { Subject } from './engine/subject.ts'
export { type FalcoFile, type FalcoImport, importFalco } from './falco/import-falco.ts'
export { type KernelFilter, passesAll } from './hooks/kernel-filter.ts'
export {
  type HookFilter,
  type HookNeed,
  hookFilters,
  hookNeeds,
  hooksOf,
  rulePolicies,
} from './hooks/rule-policies.ts'
export { withoutExpired } from './link/expired-filters.ts'
export { fromLevel } from './link/from-level.ts'
export type { LinkedCorrelation } from './link/link-correlations.ts'
export {
  type LinkedFilter,
  type LinkedRule,
  type LinkedRules,
  linkRules,
} from './link/link-rules.ts'
export {
  type PortableCorrelation,
  type PortableFilter,
  PortableFilters,
  type PortableRule,
  portableCorrelations,
  portableRule,
  restoredCorrelations,
  restoredFilter,
  restoredRule,
} from './link/portable-rules.ts'
export type { FieldRef } from './log-sources/field-ref.ts'
export { hookCall } from './log-sources/hook-call.ts'
export * from './log-sources/index.ts'
export { rulePolicyPrefix } from './log-sources/kernel-hook.ts'
export type * from './model/expression.ts'
export { expressionLines, testText } from './model/expression-text.ts'
export * from './model/filter-expiry.ts'
export * from './model/rule.ts'
export { ruleKey } from './model/rule-key.ts'
export type { RulePolicy } from './model/rule-policy.ts'
export type * from './model/test.ts'
export { type ReadRulesOptions, type RuleFile, readRules } from './parse/read-rules.ts'
