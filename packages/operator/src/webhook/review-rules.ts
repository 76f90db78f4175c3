import { fields, text } from '@tetragon-ts/kubernetes'
import type { RuleDiagnostic } from '@tetragon-ts/rules'
import {
  type AdmissionHandler,
  type AdmissionRequest,
  ReviewTooLarge,
  type Verdict,
} from './admission.ts'
import { verdictOf } from './verdict-of.ts'

/** Maximum number of characters that are reviewed: longer texts take more than a second. */
const charactersMax = 1 << 16

/**
 * Decides about DetectionRule objects: rules that every agent would leave out are refused, with
 * their positions. The rules of filters and correlations may be in other objects or in files.
 */
export const ruleHandler: AdmissionHandler = {
  review: reviewRules,
  unreviewed: (problem) => ({
    allowed: true,
    warnings: [`the rules were not validated: ${problem}; agents leave out those with errors`],
  }),
}

async function reviewRules({ object, oldObject }: AdmissionRequest): Promise<Verdict> {
  const rules = text(fields(object.spec).rules)
  const isSame = oldObject.spec !== undefined && text(fields(oldObject.spec).rules) === rules
  if (isSame || fields(object.metadata).deletionTimestamp !== undefined) return { allowed: true }
  if (rules.length > charactersMax) {
    throw new ReviewTooLarge(`they have more than ${charactersMax} characters`)
  }
  // The first rule loads the code.
  const { readRules } = await import('@tetragon-ts/rules')
  const { items, diagnostics } = readRules(rules, 'spec.rules')
  if (items.length === 0 && diagnostics.length === 0) {
    return { allowed: false, message: 'spec.rules: no rules' }
  }
  return verdictOf(diagnostics.map((each) => ({ severity: each.severity, line: lineOf(each) })))
}

function lineOf({ file, line, column, severity, message, code }: RuleDiagnostic): string {
  return `${file}:${line}:${column}: ${severity}: ${message} [${code}]`
}
