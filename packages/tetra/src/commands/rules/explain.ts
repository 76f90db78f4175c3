import { escapeUnprintable } from '@tetragon-ts/api'
import type {
  enforceability as Enforceability,
  HookNeed,
  KernelFilter,
  LinkedCorrelation,
  LinkedRule,
} from '@tetragon-ts/rules'
import { defineCommand } from '../../define-command.ts'
import { exceptionOf, exceptionText } from '../../rules/exception-text.ts'
import { findRule } from '../../rules/find-rule.ts'
import { printDiagnostics, readRuleFiles } from '../../rules/read-rule-files.ts'

/** Alternatives that are listed. */
const shownMax = 10

async function linesOf(each: LinkedRule): Promise<string[]> {
  const { enforceability, explainRule, hookNeeds, withoutExpired } = await import(
    '@tetragon-ts/rules'
  )
  const { logSource, events, hooks, fields, options, evaluatedIf } = explainRule(each)
  const needs = hookNeeds(each.rule)
  const [inForce] = withoutExpired({ rules: [each] }, Date.now()).rules
  const shown = evaluatedIf?.slice(0, shownMax) ?? []
  const left = (evaluatedIf?.length ?? 0) - shown.length
  return [
    each.rule.title,
    `  log source: ${logSource}`,
    `  events: ${events.join(', ')}`,
    ...(needs.length > 0
      ? ['  hooks, which the agent attaches:', ...needs.flatMap(hookLines)]
      : hooks.length === 0
        ? ['  policy: none is needed']
        : [`  policy: one of yours with one of the hooks ${hooks.join(', ')}`]),
    `  fields: ${fields.map(({ written }) => written).join(', ')}`,
    `  options of the agent: ${options.length === 0 ? 'none' : options.join(' ')}`,
    ...(evaluatedIf === undefined
      ? ['  evaluated: for each event, since it can match without any value being found']
      : ['  evaluated: only if one of these is found', ...shown.map((one) => `    ${one}`)]),
    ...(left > 0 ? [`    and ${left} more`] : []),
    ...each.filters.map((filter) => `  exception: ${exceptionText(exceptionOf(filter))}`),
    ...actionLines(inForce, enforceability),
  ]
}

/** Whether the kernel can execute the action of a rule, or `kill` if it has none. */
function actionLines(each: LinkedRule, enforceability: typeof Enforceability): string[] {
  const { action } = each.rule
  const name = action?.name ?? 'kill'
  const found = enforceability(each, name)
  if ('refusals' in found) {
    const reasons = found.refusals.map(({ reason, at }) => {
      return `    ${at ? `${at.file}:${at.line}:${at.column}: ` : ''}${reason}`
    })
    return [`  action: ${name} is refused, since the kernel cannot decide`, ...reasons]
  }
  return [`  action: ${action ? name : `none; ${name} is possible`}, decided in the kernel`]
}

function hookLines({ hook, filter, instead }: HookNeed): string[] {
  const other = instead.length === 0 ? '' : ` (without it: ${instead.join(', ')})`
  return [`    ${hook}${other}`, ...filterLines(filter)]
}

/** What the kernel passes. */
function filterLines(filter: KernelFilter): string[] {
  return filter.map((tests) => {
    const written = tests.map(({ argument, operator, values }) => {
      const left = values.length - shownMax
      const more = left > 0 ? ` and ${left} more` : ''
      return `argument ${argument} ${operator} ${values.slice(0, shownMax).join(' ')}${more}`
    })
    return `      the kernel passes ${written.length === 0 ? 'all calls' : written.join(', ')}`
  })
}

/** The rules of a correlation, also those of correlations in it. */
function partsOf({ fields }: LinkedCorrelation, rules: readonly LinkedRule[]): LinkedRule[] {
  return rules.filter(({ rule }) => fields.has(rule))
}

/** `tetra rules explain RULE FILE…` */
export const explain = defineCommand({
  name: 'explain',
  parent: 'rules',
  summary: 'Show what a rule needs: events, hooks, fields, options',
  operands: 'RULE FILE|FOLDER...',
  description:
    'RULE is an id, a name or a title. A rule is evaluated only for events with one of the values that\n' +
    'are listed last: a rule without such values costs time for each event.',
  options: {},
  examples: [['tetra rules explain "Reverse shell" rules/', 'Show what a rule needs']],
  run: async ({ operands: [wanted, ...paths], streams }) => {
    const read = await readRuleFiles(paths, streams)
    const found = findRule(read.linked, wanted)
    // A correlation needs what its rules need.
    const wholes = 'rule' in found ? [found] : partsOf(found, read.linked.rules)
    for (const each of wholes) {
      for (const line of await linesOf(each)) streams.stdout.write(`${escapeUnprintable(line)}\n`)
    }
    await printDiagnostics(read.diagnostics, streams.stderr)
    return 0
  },
})
