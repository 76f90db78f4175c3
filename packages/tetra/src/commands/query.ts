import { existsSync } from 'node:fs'
import { choice, flag } from '@tetragon-ts/service/options'
import type { Command } from '../command.ts'
import { defineCommand } from '../define-command.ts'
import { eventColumns } from '../query/event-columns.ts'
import { rowFormats } from '../query/row-printer.ts'
import { eventTables } from '../query/tables.ts'
import { tableLines } from '../table.ts'
import { UsageError } from '../usage-error.ts'

/** `tetra query` */
export const query: Command = defineCommand({
  name: 'query',
  summary: 'Ask recorded events in SQL',
  operands: '[SQL] [FILE...]',
  description:
    'Runs SQL of DuckDB over exported events: JSON lines, also compressed by gzip, Parquet, and\n' +
    `folders of them. Tables: raw, ${eventTables.map(({ name }) => name).join(', ')}; lineage(EXEC_ID) has a\n` +
    'process and its ancestors. It needs the npm package @duckdb/node-api, and no agent.',
  options: {
    output: choice({
      short: 'o',
      value: 'FORMAT',
      default: 'table',
      choices: rowFormats,
      help: 'Output format',
    }),
    tables: flag({ help: 'Show the tables and their columns' }),
  },
  examples: [
    [
      "tetra query 'select program, count(*) from exec group by all order by 2 desc limit 10' tetragon.log",
      'Programs that were started most often',
    ],
    [
      'tetra query "select time, program, path from file where path = \'/etc/shadow\'" logs/',
      'Who touched a file',
    ],
    [
      'tetra query "select level, program, arguments from lineage(\'aG9z…\')" tetragon.log',
      'How a process came about',
    ],
    [
      'tetra query "copy raw to \'events.parquet\'" tetragon*.log.gz',
      'Make a small file that is queried fast',
    ],
  ],
  run: async ({ values, operands, streams }) => {
    if (values.tables) {
      streams.stdout.write(`${tableHelp().join('\n')}\n`)
      return 0
    }
    const [sql, ...paths] = operands
    if (paths.length === 0) throw new UsageError('give the SQL and at least one file')
    if (/^[\s;]*$/.test(sql)) throw new UsageError('the SQL is empty')
    if (existsSync(sql)) throw new UsageError(`give the SQL before the files: "${sql}" is a file`)
    // Loaded on demand: it is large.
    const [{ loadDuckDb }, { findQueryFiles }, { queryEvents }] = await Promise.all([
      import('../query/duckdb.ts'),
      import('../query/query-files.ts'),
      import('../query/query-events.ts'),
    ])
    const files = await findQueryFiles(paths)
    await queryEvents(loadDuckDb(), { sql, files, format: values.output }, streams)
    return 0
  },
})

/** All tables with their columns. */
function tableHelp(): string[] {
  const sections = [
    {
      name: 'raw',
      help: 'all events; the other tables have these columns, too',
      columns: common(),
    },
    ...eventTables.map(({ name, help, columns }) => ({
      name,
      help,
      columns: Object.entries(columns).map(([column, [meaning]]) => [column, meaning]),
    })),
  ]
  return sections.flatMap(({ name, help, columns }) => {
    return [
      `${name}: ${help}`,
      ...tableLines(columns.map(([first, second]) => [`  ${first}`, second])),
    ]
  })
}

function common(): string[][] {
  return eventColumns.map(({ name, help }) => [name, help])
}
