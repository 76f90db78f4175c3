import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

/** Names of the complete files in a folder. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.parquet'))
    .sort()
}

/** Names of the files that are not complete. */
export function unfinishedIn(folder: string): string[] {
  return readdirSync(join(folder, '.unfinished'))
}

/** Rows of SQL over the files of a folder, which is the table `files`, as DuckDB reads them. */
export async function rowsOf(folder: string, sql: string): Promise<unknown[][]> {
  const database = await DuckDBInstance.create(':memory:')
  const connection = await database.connect()
  try {
    await connection.run(
      `CREATE VIEW files AS SELECT * FROM read_parquet('${folder}/*.parquet', filename = true)`,
    )
    return (await connection.runAndReadAll(sql)).getRowsJson() as unknown[][]
  } finally {
    connection.closeSync()
    database.closeSync()
  }
}

/** The numbers of execs in the files of a folder, in ascending order. */
export async function numbersIn(folder: string): Promise<number[]> {
  if (filesIn(folder).length === 0) return []
  const numbers = 'SELECT arguments::INT FROM files WHERE arguments IS NOT NULL ORDER BY 1'
  return (await rowsOf(folder, numbers)).map(([number]) => Number(number))
}
