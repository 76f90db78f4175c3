import type { LinkedRules, RuleDiagnostic, RuleHead, RuleItem } from '@tetragon-ts/rules'
import type { Process } from '../../processes/process.ts'
import type { RuleText } from '../../rules/rule-texts.ts'
import type { RuleInForce, RulesInForce } from '../../rules/rules-in-force.ts'
import type { FindingTally } from './finding-tally.ts'
import type { RuleEvaluator } from './rule-evaluator.ts'

/** Rules that are ready to be evaluated. */
export interface LoadedRules {
  /** @param jsonOf event JSON of a process */
  open(tally: FindingTally, jsonOf: (process: Process) => string): RuleEvaluator
  readonly inForce: RulesInForce
  /** Errors of a file. */
  errorsIn(file: string | undefined): readonly string[]
}

/** Maximum number of errors that are reported one by one. */
const shownErrors = 20

/** Compiles the rules of files. Those with errors are left out; the others are in force. */
export async function loadRules(texts: readonly RuleText[]): Promise<LoadedRules | undefined> {
  if (texts.length === 0) return undefined
  // Loaded on demand: agents without rules need none of it.
  const { compileRules, linkRules, readRules } = await import('@tetragon-ts/rules')
  const { RuleEvaluator } = await import('./rule-evaluator.ts')
  const items: RuleItem[] = []
  const diagnostics: RuleDiagnostic[] = []
  for (const { path, text } of texts) {
    const read = readRules(text, path)
    items.push(...read.items)
    diagnostics.push(...read.diagnostics)
  }
  const linked = linkRules(items)
  diagnostics.push(...linked.diagnostics)
  const rules = compileRules(linked)
  return {
    inForce: { rules: rulesOf(linked), errors: leftOut(diagnostics) },
    errorsIn: (file) => errorLines(diagnostics.filter((each) => each.file === file)),
    open: (tally, jsonOf) => new RuleEvaluator(rules, linked.correlations, tally, jsonOf),
  }
}

function rulesOf({ rules, correlations }: LinkedRules): RuleInForce[] {
  const inForce = (head: RuleHead, source: string): RuleInForce => {
    const { id, title, level = '', techniques, file } = head
    return { rule: id ?? title, title, level, techniques, source, file }
  }
  return [
    ...rules.map(({ rule }) => inForce(rule, rule.logSource)),
    ...correlations.map(({ correlation }) => inForce(correlation, correlation.type)),
  ]
}

function errorLines(diagnostics: readonly RuleDiagnostic[]): string[] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const lines = errors.slice(0, shownErrors).map(({ file, line, column, message, code }) => {
    return `${file}:${line}:${column}: ${message} [${code}]`
  })
  const more = errors.length - lines.length
  return more > 0 ? [...lines, `${more} more errors of rules: see tetra rules check`] : lines
}

function leftOut(diagnostics: readonly RuleDiagnostic[]): string[] {
  return errorLines(diagnostics).map((line) => `rule left out: ${line}`)
}
