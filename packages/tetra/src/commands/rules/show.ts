import { escapeUnprintable } from '@tetragon-ts/api'
import type { Expression, LinkedCorrelation, LinkedRule } from '@tetragon-ts/rules'
import { defineCommand } from '../../define-command.ts'
import { exceptionOf, exceptionText } from '../../rules/exception-text.ts'
import { findRule, headOf } from '../../rules/find-rule.ts'
import { printDiagnostics, readRuleFiles } from '../../rules/read-rule-files.ts'

function ruleLines(
  { rule, filters }: LinkedRule,
  expressionLines: (expression: Expression, indent: string) => string[],
): string[] {
  return [
    `log source: ${rule.logSource}`,
    'condition:',
    ...expressionLines(rule.condition, '  '),
    ...filters.flatMap((each) => {
      const title = exceptionText(exceptionOf(each))
      return [`filter ${title}:`, ...expressionLines(each.condition, '  ')]
    }),
  ]
}

function correlationLines({ correlation, parts }: LinkedCorrelation): string[] {
  const { type, least, valueFields, groupBy, timespanMs } = correlation
  const values = valueFields.length === 0 ? '' : ` of ${valueFields.join(', ')}`
  return [
    `correlation: ${type}${values}, at least ${least} in ${timespanMs / 1000} s`,
    `grouped by: ${groupBy.length === 0 ? 'nothing' : groupBy.join(', ')}`,
    'rules:',
    ...parts.map(({ title }) => `  ${title}`),
  ]
}

/** `tetra rules show RULE FILE…` */
export const show = defineCommand({
  name: 'show',
  parent: 'rules',
  summary: 'Show a rule with its condition and exceptions',
  operands: 'RULE FILE|FOLDER...',
  description: 'RULE is an id, a name or a title.',
  options: {},
  examples: [['tetra rules show "Reverse shell" rules/', 'Show a rule by its title']],
  run: async ({ operands: [wanted, ...paths], streams }) => {
    const { expressionLines } = await import('@tetragon-ts/rules')
    const read = await readRuleFiles(paths, streams)
    const found = findRule(read.linked, wanted)
    const head = headOf(found)
    const heads: (readonly [string, string | undefined])[] = [
      ['id', head.id],
      ['level', head.level],
      ['status', head.status],
      ['techniques', head.techniques.join(', ')],
      ['file', `${head.file}:${head.line}`],
      ['description', head.description],
      ['false positives', head.falsePositives.join('; ')],
      ['references', head.references.join(' ')],
    ]
    const lines = [
      head.title,
      ...heads.flatMap(([name, value]) => (value ? `${name}: ${value.trim()}` : [])),
      ...('rule' in found ? ruleLines(found, expressionLines) : correlationLines(found)),
    ]
    for (const line of lines) streams.stdout.write(`${escapeUnprintable(line)}\n`)
    await printDiagnostics(read.diagnostics, streams.stderr)
    return 0
  },
})
