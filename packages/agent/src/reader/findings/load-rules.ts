import type {
  LinkedFilter,
  LinkedRule,
  PortableCorrelation,
  PortableFilter,
  PortableRule,
  Steps,
} from '@tetragon-ts/rules'
import type { Process } from '../../processes/process.ts'
import type { PreparedRules } from '../../rules/prepared-rules.ts'
import type { RuleActions } from '../../rules/rule-actions.ts'
import type { RulesInForce } from '../../rules/rules-in-force.ts'
import type { FindingTally } from './finding-tally.ts'
import type { HooksForRules } from './hooks-for-rules.ts'
import type { RuleEvaluator } from './rule-evaluator.ts'

/** Rules that are ready to be evaluated. */
export interface LoadedRules {
  /**
   * @param jsonOf event JSON of a process
   * @param hooks those of policies that are loaded for rules
   * @param actions those of rules that are in force
   */
  open(
    tally: FindingTally,
    jsonOf: (process: Process) => string,
    hooks: HooksForRules,
    actions: RuleActions,
  ): RuleEvaluator
  readonly inForce: RulesInForce
}

/**
 * Compiles rules that were read before, in steps of some milliseconds. Their code is loaded on
 * demand: agents without rules need none of it.
 */
export async function loadPrepared(prepared: PreparedRules): Promise<Steps<LoadedRules>> {
  const { compileInSteps, restoredCorrelations, restoredFilter, restoredRule } = await import(
    '@tetragon-ts/rules'
  )
  const { RuleEvaluator } = await import('./rule-evaluator.ts')
  return (function* (): Steps<LoadedRules> {
    const filters = new Map<number, LinkedFilter>()
    for (const [number, text] of prepared.filters) {
      filters.set(number, restoredFilter(JSON.parse(text) as PortableFilter))
      yield
    }
    const rules: LinkedRule[] = []
    for (const part of prepared.rules) {
      const portable = JSON.parse(part) as PortableRule[]
      for (const each of portable) {
        yield
        rules.push(restoredRule(each, filters))
      }
      yield
    }
    const portable = JSON.parse(prepared.correlations) as PortableCorrelation[]
    const correlations = restoredCorrelations(portable, rules)
    const compiled = yield* compileInSteps({ rules, correlations, diagnostics: [] })
    return {
      inForce: prepared.inForce,
      open: (...own) => new RuleEvaluator(compiled, correlations, ...own),
    }
  })()
}
