import type { RuleDiagnostic, RuleItem } from '@tetragon-ts/rules'
import type { Process } from '../../processes/process.ts'
import type { RuleText } from '../../rules/rule-texts.ts'
import type { FindingTally } from './finding-tally.ts'
import type { RuleEvaluator } from './rule-evaluator.ts'

/** Rules that are ready to be evaluated. */
export interface LoadedRules {
  /** @param jsonOf event JSON of a process */
  open(tally: FindingTally, jsonOf: (process: Process) => string): RuleEvaluator
  /** Rules and correlations. */
  readonly count: number
  /** Why some are left out, one line each. */
  readonly errors: readonly string[]
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
  const count = linked.rules.length + linked.correlations.length
  return {
    count,
    errors: errorLines(diagnostics),
    open: (tally, jsonOf) => new RuleEvaluator(rules, linked.correlations, tally, jsonOf),
  }
}

function errorLines(diagnostics: readonly RuleDiagnostic[]): string[] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const lines = errors.slice(0, shownErrors).map(({ file, line, column, message, code }) => {
    return `rule left out: ${file}:${line}:${column}: ${message} [${code}]`
  })
  const more = errors.length - lines.length
  return more > 0 ? [...lines, `${more} more errors of rules: see tetra rules check`] : lines
}
