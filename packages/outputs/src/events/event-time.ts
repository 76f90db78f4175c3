/** Nanoseconds since 1970 of a time in RFC 3339, as decimal digits; undefined if it is not one. */
export function nanosecondsOf(time: string | undefined): string | undefined {
  const match = /^(.*T\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/.exec(time ?? '')
  const ms = match === null ? Number.NaN : Date.parse(`${match[1]}${match[3]}`)
  if (Number.isNaN(ms)) return undefined
  return `${ms / 1000}${(match?.[2] ?? '').padEnd(9, '0')}`
}
