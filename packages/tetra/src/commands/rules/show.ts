import { escapeUnprintable } from '@tetragon-ts/api'
import { defineCommand } from '../../define-command.ts'
import { findRule } from '../../rules/find-rule.ts'
import { printDiagnostics, readRuleFiles } from '../../rules/read-rule-files.ts'

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
    const { rule, filters } = findRule(read.linked, wanted)
    const heads: (readonly [string, string | undefined])[] = [
      ['id', rule.id],
      ['level', rule.level],
      ['status', rule.status],
      ['techniques', rule.techniques.join(', ')],
      ['log source', rule.logSource],
      ['file', `${rule.file}:${rule.line}`],
      ['description', rule.description],
      ['false positives', rule.falsePositives.join('; ')],
      ['references', rule.references.join(' ')],
    ]
    const lines = [
      rule.title,
      ...heads.flatMap(([name, text]) => (text ? `${name}: ${text.trim()}` : [])),
      'condition:',
      ...expressionLines(rule.condition, '  '),
      ...filters.flatMap(({ filter, condition }) => {
        return [`filter ${filter.title}:`, ...expressionLines(condition, '  ')]
      }),
    ]
    for (const line of lines) streams.stdout.write(`${escapeUnprintable(line)}\n`)
    await printDiagnostics(read, streams.stderr)
    return 0
  },
})
