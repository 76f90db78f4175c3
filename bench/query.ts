import { execFile } from 'node:child_process'
import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Benchmark } from './benchmark.ts'
import { count, figure, goal, mebibyte, median } from './figures.ts'
import { writeLog } from './recorded-log.ts'
import { WorkFiles } from './work-files.ts'

const run = promisify(execFile)
const tetra = fileURLToPath(new URL('../../packages/tetra/bin/tetra.js', import.meta.url))

/** Bytes of the log as JSON. */
const logBytes = 512 * mebibyte
const rounds = 3
/** Events in the large Parquet file, and seconds in which it is to be queried. */
const many = 10_000_000
const goalSeconds = 2

const topPrograms =
  'select program, count(*) as n from exec group by program order by n desc limit 10'
const topConnections =
  'select program, destination, count(*) as n from network group by all order by n desc limit 10'

/** How long `tetra query` takes, with its start. */
export const query: Benchmark = {
  name: 'query',
  summary: 'tetra query: SQL over recorded events, as JSON and as Parquet',
  async run({ progress }) {
    using files = new WorkFiles()
    const [log, small, large] = ['events.log', 'small.parquet', 'large.parquet'].map((name) =>
      files.path(name),
    )
    progress('write the log')
    const { events } = await writeLog(log, logBytes)
    const convertSeconds = await seconds(`copy raw to '${small}'`, log)
    progress('write the large file')
    const copies = Math.ceil(many / events)
    await seconds(
      `copy (select raw.* replace (pid + copy as pid, exec_id || copy as exec_id,
         time + to_days(copy::int) as time) from raw, range(${copies}) as copies(copy)) to '${large}'`,
      small,
    )
    const rows = []
    for (const [name, path, number] of [
      ['JSON', log, events],
      ['Parquet', small, events],
      ['Parquet', large, events * copies],
    ] as const) {
      progress(`${name}, ${count(number)} events`)
      const [programs, connections] = [
        await best(topPrograms, path),
        await best(topConnections, path),
      ]
      const isGoal = path === large
      rows.push([
        ...[name, count(number), figure(statSync(path).size / mebibyte)],
        ...[figure(programs), figure(connections)],
        isGoal ? goal(`≤ ${goalSeconds} s`, programs <= goalSeconds) : '',
      ])
    }
    return {
      tables: [
        {
          title: `Seconds for the top ten (median of ${rounds} rounds)`,
          head: ['format', 'events', 'MiB', 'of programs', 'of connections', 'goal'],
          rows,
        },
      ],
      notes: [
        `To write ${count(events)} events as Parquet took ${figure(convertSeconds)} s.`,
        'Times include the start of tetra. Connections are read from the arguments of hooks, which are JSON in both formats.',
      ],
    }
  },
}

async function best(sql: string, path: string): Promise<number> {
  const all: number[] = []
  for (let round = 0; round < rounds; round++) all.push(await seconds(sql, path))
  return median(all)
}

async function seconds(sql: string, path: string): Promise<number> {
  const began = performance.now()
  await run(process.execPath, [tetra, 'query', '-o', 'csv', sql, path])
  return (performance.now() - began) / 1000
}
