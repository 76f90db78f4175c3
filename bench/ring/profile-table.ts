import { readFileSync } from 'node:fs'
import type { Profiler } from 'node:inspector'
import { figure } from '../figures.ts'
import type { Table } from '../table.ts'

const shown = 25
/** Functions in a profile where the thread waits. */
const idle = new Set(['(idle)', 'wait', 'poll'])

/**
 * The functions in which a thread spent its time, without callees.
 * @param nsPerEvent the thread's CPU time per event, to which the shares apply
 */
export function profileTable(file: string, nsPerEvent: number): Table {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as Profiler.Profile
  const names = new Map(
    nodes.map(({ id, callFrame: { functionName, url } }) => {
      const name = functionName || '(anonymous)'
      return [id, url === '' ? name : `${name} ${url.split('/').at(-1)}`]
    }),
  )
  const times = new Map<string, number>()
  samples?.forEach((id, i) => {
    const name = names.get(id) ?? ''
    times.set(name, (times.get(name) ?? 0) + (timeDeltas?.[i] ?? 0))
  })
  const busy = [...times].filter(([name]) => !idle.has(name.split(' ')[0]))
  const total = busy.reduce((sum, [, us]) => sum + us, 0)
  const rows = busy
    .sort(([, a], [, b]) => b - a)
    .slice(0, shown)
    .map(([name, us]) => [
      name,
      `${((us / total) * 100).toFixed(1)} %`,
      figure((us / total) * nsPerEvent),
    ])
  return {
    title: 'Where the reader thread spends its time',
    head: ['function', 'share', 'ns per event'],
    rows,
  }
}
