import { resolve } from 'node:path'
import { eventColumns, sourceTypes } from './event-columns.ts'
import type { QueryFiles } from './query-files.ts'
import { type EventTable, eventTables } from './tables.ts'

/** Longest lineage: more than any real one. */
const ancestorsMax = 1000

/** SQL statements that define all tables for some files. */
export function tableDefinitions(files: QueryFiles): string[] {
  const sources = [emptySource(), ...jsonReads(files, sourceTypes).map(eventsOf)]
  const { parquet } = files
  // Files of an earlier release may lack columns.
  if (parquet.length > 0) {
    sources.push(`SELECT * FROM read_parquet(${list(parquet)}, union_by_name = true)`)
  }
  const columns = eventColumns.map(({ name }) => identifier(name)).join(', ')
  const raw = sources.join(' UNION ALL BY NAME ')
  return [
    "SET TimeZone = 'UTC'",
    `CREATE VIEW raw AS SELECT ${columns} FROM (${raw})`,
    ...eventTables.map(tableDefinition),
    lineageDefinition,
  ]
}

/** SQL that counts lines that are not events; undefined if there are no lines. */
export function countUnreadable(files: QueryFiles): string | undefined {
  const counts = jsonReads(files, { time: sourceTypes.time }).map((read) => {
    return `SELECT count(*) AS count FROM ${read} WHERE time IS NULL`
  })
  if (counts.length === 0) return undefined
  return `SELECT sum(count) FROM (${counts.join(' UNION ALL ')})`
}

function emptySource(): string {
  const nulls = eventColumns.map(({ name, type }) => `NULL::${type} AS ${identifier(name)}`)
  return `SELECT ${nulls.join(', ')} WHERE false`
}

/** The columns of all events, in SQL. @param read JSON lines */
function eventsOf(read: string): string {
  const values = eventColumns.map(({ name, sql }) => `${sql} AS ${identifier(name)}`)
  return `SELECT ${values.join(', ')} FROM ${read} WHERE time IS NOT NULL`
}

/** Reads of JSON lines, in SQL. Each line that is not JSON is a row of NULLs. */
function jsonReads(
  { json, gzip }: QueryFiles,
  types: Readonly<Record<string, string>>,
): readonly string[] {
  const columns = Object.entries(types).map(
    ([name, type]) => `${identifier(name)}: ${quoted(type)}`,
  )
  const read = (files: readonly string[], compression: string) =>
    `read_json(${list(files)}, format = 'newline_delimited', ignore_errors = true,
      compression = '${compression}', columns = {${columns.join(', ')}})`
  return [
    ...(json.length > 0 ? [read(json, 'uncompressed')] : []),
    ...(gzip.length > 0 ? [read(gzip, 'gzip')] : []),
  ]
}

function tableDefinition({ name, columns, where, rows }: EventTable): string {
  const own = Object.entries(columns).map(([column, [, sql]]) => `${sql} AS ${identifier(column)}`)
  const from = rows === undefined ? 'raw' : `(SELECT *, unnest(${rows}) AS item FROM raw)`
  const hidden = rows === undefined ? '' : ' EXCLUDE (item)'
  const selected = [`*${hidden}`, ...own].join(', ')
  return `CREATE VIEW ${identifier(name)} AS SELECT ${selected} FROM ${from} WHERE ${where}`
}

/** A process and its ancestors, the process first. Events are read once. */
const lineageDefinition = `CREATE MACRO lineage(id) AS TABLE
  WITH RECURSIVE started AS MATERIALIZED (SELECT * FROM exec),
  ancestor AS (
    SELECT 0 AS level, * FROM started WHERE exec_id = id
    UNION
    SELECT level + 1, started.* FROM ancestor JOIN started
      ON started.exec_id = ancestor.parent_exec_id AND started.exec_id <> ancestor.exec_id
      WHERE level < ${ancestorsMax}
  )
  SELECT * FROM ancestor ORDER BY level, time`

/**
 * Files, in SQL. DuckDB takes names as patterns, and some relative ones as addresses (`s3://…`):
 * a file must not match others.
 */
function list(files: readonly string[]): string {
  const names = files.map((file) => resolve(file).replace(/[*?[]/g, '[$&]'))
  return `[${names.map(quoted).join(', ')}]`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
