import { readFileSync } from 'node:fs'

const folder = '/sys/devices/system/cpu'

/**
 * Numbers of a list such as `0-3,5` (Documentation/admin-guide/cputopology.rst).
 * @throws Error if it is empty or malformed
 */
export function parseCpus(list: string): number[] {
  return list
    .trim()
    .split(',')
    .flatMap((range) => {
      const match = /^(\d+)(?:-(\d+))?$/.exec(range)
      if (match === null) throw new Error(`read list of CPUs: invalid list ${JSON.stringify(list)}`)
      const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])]
      return Array.from({ length: last - first + 1 }, (_, i) => first + i)
    })
}

/** Numbers of the CPUs that are online. @throws Error if sysfs is not readable */
export function onlineCpus(): number[] {
  return parseCpus(readFileSync(`${folder}/online`, 'latin1'))
}

let possible: number | undefined

/**
 * The number of CPUs that the kernel keeps a value for in per-CPU maps: all that could ever be
 * plugged in, often more than are running.
 * @throws Error if sysfs is not readable
 */
export function possibleCpus(): number {
  possible ??= Math.max(...parseCpus(readFileSync(`${folder}/possible`, 'latin1'))) + 1
  return possible
}
