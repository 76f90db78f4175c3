import { BadValue } from './bad-value.ts'
import { formatDuration, readDuration } from './duration.ts'
import { type Declaration, type Option, option, optional } from './option.ts'

const units = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }

/** Parses a number of bytes or entries with an optional K, M or G (1024-based). @throws BadValue */
export function readSize(text: string): number {
  const match = /^(\d+)([KMG])?$/i.exec(text)
  const unit = match?.[2]?.toUpperCase() as keyof typeof units | undefined
  const size = match ? Number(match[1]) * (unit ? units[unit] : 1) : Number.NaN
  if (Number.isSafeInteger(size)) return size
  throw new BadValue(`invalid size "${text}" (example: 16M)`)
}

/** A number of bytes or entries with an optional K, M or G. */
export function size(declaration: Declaration): Option<number> {
  return option({ value: 'SIZE', ...declaration, read: readSize })
}

/** A number of entries, with an optional K, M or G. */
export function entries(declaration: Declaration & { readonly max: number }): Option<number> {
  const { max, ...rest } = declaration
  const read = (text: string): number => {
    const number = readSize(text)
    if (number <= max) return number
    throw new BadValue(`invalid size "${text}" (maximum: ${max})`)
  }
  return { ...option({ value: 'ENTRIES', ...rest, read }), kind: 'integer' }
}

/** An optional size; zero if it is not given. */
export function optionalSize(declaration: Omit<Declaration, 'default'>): Option<number> {
  return option({
    value: 'SIZE',
    ...declaration,
    read: (text) => (text === '' ? 0 : readSize(text)),
  })
}

/** Limits of a number, inclusive. */
interface Range {
  readonly min: number
  readonly max: number
}

/** A whole number within limits. */
export function integer(declaration: Declaration & Range): Option<number> {
  const { min, max, ...rest } = declaration
  const read = (text: string): number => readInteger(text, { min, max })
  return { ...option({ value: 'NUMBER', ...rest, read }), kind: 'integer' }
}

/** An optional whole number within limits; undefined if it is not set. */
export function optionalInteger(
  declaration: Omit<Declaration, 'default'> & Range,
): Option<number | undefined> {
  const { min, max, ...rest } = declaration
  const read = (text: string): number => readInteger(text, { min, max })
  return { ...optional({ value: 'NUMBER', ...rest, read }), kind: 'integer' }
}

/** Parses a whole number within limits. @throws BadValue */
export function readInteger(text: string, { min, max }: Range, noun = 'number'): number {
  const number = Number(text)
  if (/^-?\d+$/.test(text) && number >= min && number <= max) return number
  throw new BadValue(`invalid ${noun} "${text}" (${min} to ${max})`)
}

/** A duration in milliseconds, perhaps within limits, which are in milliseconds too. */
export function duration(declaration: Declaration & Partial<Range>): Option<number> {
  const { min = 0, max = Infinity, ...rest } = declaration
  const read = (text: string): number => {
    const ms = readDuration(text)
    if (ms >= min && ms <= max) return ms
    const limits = [min, max].map(formatDuration)
    throw new BadValue(`invalid time "${text}" (${limits.join(' to ')})`)
  }
  return option({ value: 'TIME', ...rest, read })
}
