import type { Streams } from '../command.ts'
import { onInterrupt } from '../events/interrupt.ts'
import type { DuckDb, DuckDbConnection } from './duckdb.ts'
import type { QueryFiles } from './query-files.ts'
import { type RowFormat, rowPrinter } from './row-printer.ts'
import { countUnreadable, tableDefinitions } from './table-definitions.ts'

/**
 * Runs SQL over files of events, and writes the rows of its last statement. The files are read, and
 * changed only by what the SQL says. @throws Error with the message of DuckDB
 */
export async function queryEvents(
  { DuckDBInstance }: DuckDb,
  { sql, files, format }: { sql: string; files: QueryFiles; format: RowFormat },
  { stdout, stderr }: Streams,
): Promise<void> {
  const database = await DuckDBInstance.create(':memory:')
  const connection = await database.connect()
  const restore = onInterrupt(() => connection.interrupt())
  try {
    for (const each of tableDefinitions(files)) await connection.run(each)
    const unreadable = countUnreadable(files)
    const [count = 0] = unreadable === undefined ? [] : await numbers(connection, unreadable)
    if (count > 0) {
      stderr.write(`tetra: ${count} ${count === 1 ? 'line is no event' : 'lines are no events'}\n`)
    }
    const result = await connection.stream(sql)
    const types = result.columnTypes().map((type) => type.alias ?? String(type))
    const printer = rowPrinter(format, result.columnNames(), types)
    for (const line of printer.head) stdout.write(`${line}\n`)
    for await (const rows of result.yieldRowsJson()) {
      const lines = printer.lines(rows)
      if (lines.length > 0 && !stdout.write(`${lines.join('\n')}\n`)) await drained(stdout)
    }
  } catch (error) {
    const message = (error as Error).message.trimEnd().replaceAll('\t', '  ')
    throw new Error(`query: ${message}`, { cause: error })
  } finally {
    restore()
    connection.closeSync()
    database.closeSync()
  }
}

async function numbers(connection: DuckDbConnection, sql: string): Promise<number[]> {
  const all: number[] = []
  for await (const rows of (await connection.stream(sql)).yieldRowsJson()) {
    all.push(...rows.map(([value]) => Number(value)))
  }
  return all
}

function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once('drain', resolve)
    stream.once('close', resolve)
  })
}
