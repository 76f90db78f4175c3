import { escapeUnprintable } from '@tetragon-ts/api'
import { defineCommand } from '../../define-command.ts'
import { jsonLine } from '../../json-text.ts'
import { outputOption } from '../../output-option.ts'
import { exceptionOf, exceptionText } from '../../rules/exception-text.ts'
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
        return { ...rule, source: rule.logSource as string, exceptions: filters.map(exceptionOf) }
      }),
      ...correlations.map(({ correlation }) => {
        return { ...correlation, source: correlation.type as string, exceptions: [] }
      }),
    ]
    if (values.output === 'json') {
      for (const { title, id, level, techniques, source, exceptions, file, line } of all) {
        const head = { title, id, level, techniques, source, filters: exceptions.length }
        streams.stdout.write(jsonLine({ ...head, exceptions, file, line }))
      }
    } else {
      const rows = all.map(({ level = '-', techniques, source, exceptions, title }) => {
        return [level, techniques.join(',') || '-', source, String(exceptions.length), title]
      })
      const head = ['LEVEL', 'TECHNIQUES', 'LOG SOURCE', 'FILTERS', 'TITLE']
      for (const line of tableLines([head, ...rows], new Set([3])))
        streams.stdout.write(`${line}\n`)
      const exceptions = new Set(all.flatMap((each) => each.exceptions.map(exceptionText)))
      for (const each of exceptions) {
        streams.stdout.write(`${escapeUnprintable(`filter ${each}`)}\n`)
      }
    }
    return errors > 0 ? 1 : 0
  },
})
