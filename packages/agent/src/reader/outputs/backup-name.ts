import { basename, dirname, extname, join } from 'node:path'

const stamp = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}$/

/** Extension of compressed backups. */
export const compressedEnding = '.gz'

/**
 * Name of a rotated export file: `events.json` rotated at noon becomes
 * `events-2006-01-02T12-00-00.000.json`, in UTC. Names sort by age.
 */
export function backupName(path: string, time: Date): string {
  const ending = extname(path)
  const text = time.toISOString().slice(0, -1).replaceAll(':', '-')
  return join(dirname(path), `${basename(path, ending)}-${text}${ending}`)
}

/** Time at which the file of this name was rotated, as text; undefined if it is not a backup. */
export function backupTime(path: string, name: string): string | undefined {
  const ending = extname(path)
  const start = `${basename(path, ending)}-`
  const plain = name.endsWith(compressedEnding) ? name.slice(0, -compressedEnding.length) : name
  if (!plain.startsWith(start) || !plain.endsWith(ending)) return undefined
  const text = plain.slice(start.length, plain.length - ending.length)
  return stamp.test(text) ? text : undefined
}
