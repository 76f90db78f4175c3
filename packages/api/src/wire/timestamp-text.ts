const zero = 0x30
const dash = 0x2d
const colon = 0x3a
const letterT = 0x54
const letterZ = 0x5a
const dot = 0x2e
/** Of `2006-01-02T15:04:05`. */
const secondLength = 19
const longestFraction = 9
/** Month 0 has none. */
const daysOfMonth = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Value of two digits; far from any number if they are invalid. */
function two(text: Uint8Array, at: number): number {
  const tens = text[at] - zero
  const ones = text[at + 1] - zero
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

/**
 * Seconds since 1970 of a text such as `2006-01-02T15:04:05.5Z`, for times from 1970 in the agent's
 * format. NaN for all others, which may be valid nevertheless.
 */
export function plainSeconds(text: Uint8Array, from: number, to: number): number {
  const isPlain =
    to > from + secondLength &&
    text[from + 4] === dash &&
    text[from + 7] === dash &&
    text[from + 10] === letterT &&
    text[from + 13] === colon &&
    text[from + 16] === colon &&
    text[to - 1] === letterZ
  if (!isPlain) return Number.NaN
  const year = two(text, from) * 100 + two(text, from + 2)
  const month = two(text, from + 5)
  const day = two(text, from + 8)
  const hour = two(text, from + 11)
  const minute = two(text, from + 14)
  const second = two(text, from + 17)
  // Leap days are handled by the general parser.
  const isDate = year >= 1970 && day >= 1 && day <= daysOfMonth[month]
  if (!isDate || !(hour < 24 && minute < 60 && second < 60)) return Number.NaN
  return daysSince1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
}

/** In a calendar whose years start in March, leap days are last. */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1
  const monthsSinceMarch = month > 2 ? month - 3 : month + 9
  const leapDays =
    Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  const daysBefore = marchYear * 365 + leapDays + Math.floor((153 * monthsSinceMarch + 2) / 5)
  return daysBefore + day - 719_469
}

/** Nanoseconds of the same text; NaN if its fraction is invalid. */
export function plainNanos(text: Uint8Array, from: number, to: number): number {
  const begin = from + secondLength
  const end = to - 1
  if (begin === end) return 0
  const digits = end - begin - 1
  if (text[begin] !== dot || digits < 1 || digits > longestFraction) return Number.NaN
  let nanos = 0
  for (let at = begin + 1; at < end; at++) {
    const digit = text[at] - zero
    if (digit < 0 || digit > 9) return Number.NaN
    nanos = nanos * 10 + digit
  }
  for (let i = digits; i < longestFraction; i++) nanos *= 10
  return nanos
}
