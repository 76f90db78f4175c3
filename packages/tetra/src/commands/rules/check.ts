import { flag } from '@tetragon-ts/service/options'
import { counted } from '../../counted.ts'
import { defineCommand } from '../../define-command.ts'
import { jsonLine } from '../../json-text.ts'
import { outputOption } from '../../output-option.ts'
import { printDiagnostics, readRuleFiles } from '../../rules/read-rule-files.ts'

/** `tetra rules check FILE…` */
export const check = defineCommand({
  name: 'check',
  parent: 'rules',
  summary: 'Check rules without an agent',
  operands: 'FILE|FOLDER...',
  description:
    'Shows all errors and warnings of rules, filters and correlations in the format Sigma, with their\n' +
    'positions. Rules that events of a host cannot answer are errors that name the reason. The exit\n' +
    'code is 1 if there is an error.',
  options: {
    output: outputOption('one object per diagnostic and line'),
    strict: flag({ help: 'Fail on warnings too' }),
  },
  examples: [['tetra rules check rules/', 'Check all files of a folder, for example in CI']],
  run: async ({ values, operands, streams }) => {
    const read = await readRuleFiles(operands, streams)
    const { diagnostics, linked, unreadable } = read
    if (values.output === 'json') {
      for (const { text: _, ...each } of diagnostics) streams.stdout.write(jsonLine(each))
    } else await printDiagnostics(read.diagnostics, streams.stdout)
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length
    const warnings = diagnostics.length - errors
    const unanswerable = diagnostics.filter(({ code, severity }) => {
      return code === 'RULE_UNANSWERABLE' && severity === 'error'
    }).length
    const parts = [
      `${counted(linked.rules.length, 'rule')} and ${counted(linked.correlations.length, 'correlation')} without errors`,
      counted(errors + unreadable, 'error'),
      ...(unanswerable > 0 ? [`${unanswerable} of them since no host can answer the rule`] : []),
      counted(warnings, 'warning'),
    ]
    streams.stderr.write(`${parts.join(', ')}\n`)
    return errors + unreadable > 0 || (values.strict && warnings > 0) ? 1 : 0
  },
})
