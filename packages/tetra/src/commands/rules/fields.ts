import { defineCommand } from '../../define-command.ts'
import { readOperand } from '../../read-operand.ts'
import { tableLines } from '../../table.ts'

/** `tetra rules fields [LOG-SOURCE]` */
export const fields = defineCommand({
  name: 'fields',
  parent: 'rules',
  summary: 'List the log sources, or the fields of one',
  operands: '[LOG-SOURCE]',
  description:
    'Besides its own fields each log source has those of the processes in events: process.PATH,\n' +
    'parent.PATH and ancestors.PATH, such as process.pod.namespace.',
  options: {},
  examples: [['tetra rules fields file_event', 'Show the fields of rules on files']],
  run: async ({ operands: [wanted], streams }) => {
    const { logSources } = await import('@tetragon-ts/rules')
    const all = Object.values(logSources)
    const rows: string[][] = []
    if (wanted === undefined) {
      rows.push(['LOG SOURCE', 'MEANING', 'EVENTS'])
      for (const { key, name, doc, events } of all) {
        rows.push([`${key}: ${name}`, doc, events.join(', ')])
      }
    } else {
      const names = all.map(({ name }) => name)
      const source = all.find(({ name }) => name === readOperand('LOG-SOURCE', wanted, names))
      rows.push(['FIELD', 'KIND', 'MEANING'])
      for (const [name, field] of Object.entries(source?.fields ?? {})) {
        if (field.of === 'nothing') rows.push([name, '-', `not available: ${field.reason}`])
        else rows.push([name, field.kind, field.doc])
      }
      const open = source !== undefined && 'openFields' in source ? source.openFields : undefined
      if (open !== undefined) rows.push([open.written, 'text', open.doc])
    }
    for (const line of tableLines(rows)) streams.stdout.write(`${line}\n`)
    return 0
  },
})
