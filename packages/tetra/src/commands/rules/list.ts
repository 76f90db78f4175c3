import { defineCommand } from '../../define-command.ts'
import { jsonLine } from '../../json-text.ts'
import { outputOption } from '../../output-option.ts'
import { printDiagnostics, readRuleFiles } from '../../rules/read-rule-files.ts'
import { tableLines } from '../../table.ts'

/** `tetra rules list FILE…` */
export const list = defineCommand({
  name: 'list',
  parent: 'rules',
  summary: 'List the rules of files',
  operands: 'FILE|FOLDER...',
  description: 'Rules with errors are left out; their errors are on standard error.',
  options: { output: outputOption('one object per rule and line') },
  examples: [['tetra rules list rules/', 'Show level, technique and log source of each rule']],
  run: async ({ values, operands, streams }) => {
    const read = await readRuleFiles(operands, streams)
    const errors = (await printDiagnostics(read.diagnostics, streams.stderr)) + read.unreadable
    const { rules, correlations } = read.linked
    const all = [
      ...rules.map(({ rule, filters }) => {
        return { ...rule, source: rule.logSource as string, filters: filters.length }
      }),
      ...correlations.map(({ correlation }) => {
        return { ...correlation, source: correlation.type as string, filters: 0 }
      }),
    ]
    if (values.output === 'json') {
      for (const { title, id, level, techniques, source, filters, file, line } of all) {
        const shown = { title, id, level, techniques, source, filters, file, line }
        streams.stdout.write(jsonLine(shown))
      }
    } else {
      const rows = all.map(({ level = '-', techniques, source, filters, title }) => {
        return [level, techniques.join(',') || '-', source, String(filters), title]
      })
      const head = ['LEVEL', 'TECHNIQUES', 'LOG SOURCE', 'FILTERS', 'TITLE']
      for (const line of tableLines([head, ...rows], new Set([3])))
        streams.stdout.write(`${line}\n`)
    }
    return errors > 0 ? 1 : 0
  },
})
