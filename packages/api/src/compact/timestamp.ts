const pattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/
const epoch = '1970-01-01T00:00:00.000000000Z'

/**
 * Formats an event's time in UTC with nine decimals, so that the following columns are aligned. A
 * missing or invalid time becomes the epoch, like an unset Timestamp.
 */
export function formatTime(time: string | undefined): string {
  const match = pattern.exec(time ?? '')
  if (match === null) return epoch
  const date = new Date(`${match[1]}${match[3]}`)
  if (Number.isNaN(date.getTime())) return epoch
  return `${date.toISOString().slice(0, -5)}.${(match[2] ?? '').padEnd(9, '0')}Z`
}
