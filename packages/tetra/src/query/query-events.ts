import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Streams } from '../command.ts'
import { onInterrupt } from '../events/interrupt.ts'
import type { DuckDb, DuckDbConnection } from './duckdb.ts'
import type { QueryFiles } from './query-files.ts'
import { type RowFormat, rowPrinter } from './row-printer.ts'
import { countUnreadable, tableDefinitions } from './table-definitions.ts'

/** What is asked. */
interface Query {
  readonly sql: string
  readonly files: QueryFiles
  readonly format: RowFormat
}

/**
 * Runs SQL over files of events, and writes the rows of its last statement. The files are read, and
 * changed only by what the SQL says. @throws Error with the message of DuckDB
 */
export async function queryEvents(
  { DuckDBInstance }: DuckDb,
  query: Query,
  streams: Streams,
): Promise<void> {
  // For what exceeds the memory. DuckDB's default is in the working directory, to which another
  // user may be able to write.
  const folder = await mkdtemp(join(tmpdir(), 'tetra-query-'))
  try {
    const database = await DuckDBInstance.create(':memory:', { temp_directory: folder })
    const connection = await database.connect()
    const restore = onInterrupt(() => connection.interrupt())
    try {
      await writeRows(connection, query, streams)
    } finally {
      restore()
      connection.closeSync()
      database.closeSync()
    }
  } catch (error) {
    const message = (error as Error).message.trimEnd().replaceAll('\t', '  ')
    throw new Error(`query: ${message}`, { cause: error })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function writeRows(
  connection: DuckDbConnection,
  { sql, files, format }: Query,
  { stdout, stderr }: Streams,
): Promise<void> {
  for (const each of tableDefinitions(files)) await connection.run(each)
  const count = await countOf(connection, countUnreadable(files))
  if (count > 0) {
    stderr.write(`tetra: ${count} ${count === 1 ? 'line is no event' : 'lines are no events'}\n`)
  }
  const result = await connection.stream(sql)
  const types = result.columnTypes().map((type) => type.alias ?? String(type))
  const printer = rowPrinter(format, result.deduplicatedColumnNames(), types)
  for (const line of printer.head) stdout.write(`${line}\n`)
  for await (const rows of result.yieldRowsJson()) {
    const lines = printer.lines(rows)
    if (lines.length > 0 && !stdout.write(`${lines.join('\n')}\n`)) await drained(stdout)
  }
}

/** The only value of a result; 0 without SQL. */
async function countOf(connection: DuckDbConnection, sql: string | undefined): Promise<number> {
  if (sql === undefined) return 0
  for await (const [[count]] of (await connection.stream(sql)).yieldRowsJson()) return Number(count)
  return 0
}

function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once('drain', resolve)
    stream.once('close', resolve)
  })
}
