import { readFileSync } from 'node:fs'

/** How many CPUs a list such as `0-3,8` reaches over: its highest number and one. */
export function countCpus(list: string): number {
  const numbers = list.match(/\d+/g)
  if (!numbers) throw new Error(`read list of CPUs: ${JSON.stringify(list)} has no number`)
  return Math.max(...numbers.map(Number)) + 1
}

let count: number | undefined

/**
 * The number of CPUs that the kernel keeps a value for in per-CPU maps: all that could ever be
 * plugged in, often more than are running.
 */
export function possibleCpus(): number {
  count ??= countCpus(readFileSync('/sys/devices/system/cpu/possible', 'latin1'))
  return count
}
