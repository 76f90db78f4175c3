import { BadValue, type Declaration, type Option, option } from './option.ts'

const units = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }

/** Reads a number of bytes or entries with an optional K, M or G (1024-based). @throws BadValue */
export function readSize(text: string): number {
  const match = /^(\d+)([KMG])?$/i.exec(text)
  const unit = match?.[2]?.toUpperCase() as keyof typeof units | undefined
  const size = match ? Number(match[1]) * (unit ? units[unit] : 1) : Number.NaN
  if (Number.isSafeInteger(size)) return size
  throw new BadValue('is no size such as 16M')
}

/** A number of bytes or entries with an optional K, M or G. */
export function size(declaration: Declaration): Option<number> {
  return option({ value: 'SIZE', ...declaration, read: readSize })
}

/** A number of entries, with an optional K, M or G as well. */
export function entries(declaration: Declaration & { readonly max: number }): Option<number> {
  const { max, ...rest } = declaration
  const read = (text: string): number => {
    const number = readSize(text)
    if (number <= max) return number
    throw new BadValue(`is more than ${max}`)
  }
  return { ...option({ value: 'ENTRIES', ...rest, read }), kind: 'integer' }
}

/** A size that nobody needs to give; then it is zero. */
export function optionalSize(declaration: Omit<Declaration, 'default'>): Option<number> {
  return option({
    value: 'SIZE',
    ...declaration,
    read: (text) => (text === '' ? 0 : readSize(text)),
  })
}

/** A whole number within limits. */
export function integer(
  declaration: Declaration & { readonly min: number; readonly max: number },
): Option<number> {
  const { min, max, ...rest } = declaration
  const read = (text: string): number => {
    const number = Number(text)
    if (/^-?\d+$/.test(text) && number >= min && number <= max) return number
    throw new BadValue(`is no number from ${min} to ${max}`)
  }
  return { ...option({ value: 'NUMBER', ...rest, read }), kind: 'integer' }
}

/** Milliseconds in a unit. */
const unitMs = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 1e-3, µs: 1e-3, ns: 1e-6 }
const part = /(\d+(?:\.\d*)?|\.\d+)(h|ms|m|s|us|µs|ns)/g

/** Reads a length of time such as `1m30s`, in milliseconds. @throws BadValue */
export function readDuration(text: string): number {
  if (text === '0') return 0
  const rest = text.replaceAll(part, '')
  if (text === '' || rest !== '') throw new BadValue('is no time such as 30s or 1h30m')
  let sum = 0
  for (const [, number, unit] of text.matchAll(part)) {
    sum += Number(number) * unitMs[unit as keyof typeof unitMs]
  }
  return sum
}

/** Writes a length of time in milliseconds the way Go does: `1h2m0s`, `1.5s`, `250ms`, `0s`. */
export function formatDuration(ms: number): string {
  if (ms > 0 && ms < 1000) return `${ms}ms`
  const hours = Math.floor(ms / unitMs.h)
  const minutes = Math.floor(ms / unitMs.m) % 60
  const seconds = `${(ms % unitMs.m) / 1000}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}

/** A length of time, in milliseconds. */
export function duration(declaration: Declaration): Option<number> {
  return option({ value: 'TIME', ...declaration, read: readDuration })
}
