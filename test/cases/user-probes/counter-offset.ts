import { spawnSync } from 'node:child_process'

/** Offset in the file of the counter that the workload `probed` shows. */
export function counterOffset(program: string): number {
  const { stdout } = spawnSync('readelf', ['-SW', program], { encoding: 'utf8' })
  const section = /\.probes\s+PROGBITS\s+\w+\s+(\w+)/.exec(stdout)
  return Number.parseInt(section?.[1] ?? '', 16)
}
