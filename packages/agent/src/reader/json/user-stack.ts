import { readFileSync } from 'node:fs'
import type { Frame } from './kernel-stack.ts'

/** The mappings of a process; empty if it has ended. */
export function readMaps(procfs: string, pid: number): string {
  try {
    return readFileSync(`${procfs}/${pid}/maps`, 'utf8')
  } catch {
    return ''
  }
}

/**
 * The location in a file of an address of a process.
 * @param maps content of /proc/PID/maps
 */
export function mappedFrame(maps: string, address: bigint): Frame | undefined {
  for (const line of maps.split('\n')) {
    const match = /^([\da-f]+)-([\da-f]+) \S+ ([\da-f]+) \S+ \d+ *(.*)$/.exec(line)
    if (!match) continue
    const [start, end, offset] = match.slice(1, 4).map((hex) => BigInt(`0x${hex}`))
    if (address < start || address >= end) continue
    return { symbol: '', offset: Number(address - start + offset), module: match[4] }
  }
  return undefined
}
