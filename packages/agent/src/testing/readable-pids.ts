import { readdirSync, readlinkSync } from 'node:fs'

/** Processes with a readable executable: no kernel threads, no hidden ones. */
export function readablePids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/exe`) !== ''
      } catch {
        return false
      }
    })
}
