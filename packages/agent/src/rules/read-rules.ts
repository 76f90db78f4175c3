import {
  type LinkedRules,
  linkRules,
  type RuleDiagnostic,
  type RuleItem,
  readRules,
} from '@tetragon-ts/rules'
import type { RuleText } from './rule-texts.ts'

/** Maximum number of errors that are reported one by one. */
const shownErrors = 20

/** Reads the rules of files. Those with errors are left out. */
export function readAllRules(texts: readonly RuleText[]): {
  readonly linked: LinkedRules
  readonly errors: readonly string[]
} {
  const items: RuleItem[] = []
  const diagnostics: RuleDiagnostic[] = []
  for (const { path, text } of texts) {
    const read = readRules(text, path)
    for (const each of read.items) items.push(each)
    for (const each of read.diagnostics) diagnostics.push(each)
  }
  const linked = linkRules(items)
  for (const each of linked.diagnostics) diagnostics.push(each)
  return { linked, errors: errorLines(diagnostics) }
}

function errorLines(diagnostics: readonly RuleDiagnostic[]): string[] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const lines = errors.slice(0, shownErrors).map(({ file, line, column, message, code }) => {
    return `rule left out: ${file}:${line}:${column}: ${message} [${code}]`
  })
  const more = errors.length - lines.length
  return more > 0 ? [...lines, `${more} more errors of rules: see tetra rules check`] : lines
}
