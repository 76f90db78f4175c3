import { readFileSync } from 'node:fs'
import type { ProcessImage } from '../process-mappings.ts'

/** The image of a running process, for tests. */
export function imageOf(pid: number): ProcessImage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  return { pid, start: ticks * 1e7, execs: 1 }
}
