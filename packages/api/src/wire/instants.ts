import { ProtobufError } from './protobuf-error.ts'

/** The JSON forms of google.protobuf.Timestamp and Duration. */

const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/
const decimalSeconds = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/
/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z. */
const firstSecond = -62_135_596_800
const lastSecond = 253_402_300_799
const longestDuration = 315_576_000_000

function nanosOf(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits.padEnd(9, '0'))
}

/** Decimals in groups of three, as in protojson. */
function decimals(nanos: number): string {
  if (nanos === 0) return ''
  const digits = String(nanos).padStart(9, '0')
  return `.${digits.replace(/(?:000){1,2}$/, '')}`
}

const secondLength = 19
const dot = 0x2e
const zero = 0x30
/** Events are in order of time: most have the same second as the one before. */
let lastText = ''
let lastParsed = 0
/** Cached texts of seconds: an event contains its own time and its processes' starts. */
const formatted = new Map<number, string>()
const formattedMax = 1024

/** Nanoseconds of `.123456789Z` at the end of a text; undefined if it ends differently. */
function plainNanos(text: string): number | undefined {
  const end = text.length - 1
  if (text[end] !== 'Z') return undefined
  if (end === secondLength) return 0
  if (text.charCodeAt(secondLength) !== dot || end > secondLength + 10) return undefined
  let nanos = 0
  let unit = 1e9
  for (let at = secondLength + 1; at < end; at++) {
    const digit = text.charCodeAt(at) - zero
    if (digit < 0 || digit > 9) return undefined
    unit /= 10
    nanos += digit * unit
  }
  return unit < 1e9 ? nanos : undefined
}

/** Seconds since 1970 and nanoseconds of an RFC 3339 text. @throws ProtobufError */
export function parseTimestamp(text: string): readonly [seconds: number, nanos: number] {
  if (lastText !== '' && text.startsWith(lastText)) {
    const nanos = plainNanos(text)
    if (nanos !== undefined) return [lastParsed, nanos]
  }
  const [, second, fraction, zone] = rfc3339.exec(text) ?? []
  const ms = second === undefined ? Number.NaN : Date.parse(second + zone)
  const seconds = ms / 1000
  if (seconds >= firstSecond && seconds <= lastSecond) {
    if (zone === 'Z') {
      lastText = second
      lastParsed = seconds
    }
    return [seconds, nanosOf(fraction)]
  }
  throw new ProtobufError('invalid_value', `encode timestamp: '${text}' is not RFC 3339`)
}

/** RFC 3339 text in UTC. @throws ProtobufError outside of the years 1 to 9999 */
export function formatTimestamp(seconds: number, nanos: number): string {
  if (seconds < firstSecond || seconds > lastSecond || nanos < 0 || nanos > 999_999_999) {
    throw new ProtobufError('invalid_protobuf', 'decode timestamp: it is out of range')
  }
  let text = formatted.get(seconds)
  if (text === undefined) {
    if (formatted.size >= formattedMax) formatted.clear()
    text = new Date(seconds * 1000).toISOString().slice(0, secondLength)
    formatted.set(seconds, text)
  }
  return `${text}${decimals(nanos)}Z`
}

/** Seconds and nanoseconds, of the same sign, of a text such as `1.5s`. @throws ProtobufError */
export function parseDuration(text: string): readonly [seconds: number, nanos: number] {
  const match = decimalSeconds.exec(text)
  if (match === null || Number(match[2]) > longestDuration) {
    throw new ProtobufError('invalid_value', `encode duration: invalid number of seconds '${text}'`)
  }
  const [, minus, seconds, fraction] = match
  const sign = minus === '-' ? -1 : 1
  // No negative zero: it has no wire form.
  return [sign * Number(seconds) || 0, sign * nanosOf(fraction) || 0]
}

/** Text such as `1.500s`. @throws ProtobufError for more than 10,000 years or mixed signs */
export function formatDuration(seconds: number, nanos: number): string {
  const mixed = (seconds > 0 && nanos < 0) || (seconds < 0 && nanos > 0)
  if (Math.abs(seconds) > longestDuration || Math.abs(nanos) > 999_999_999 || mixed) {
    throw new ProtobufError('invalid_protobuf', 'decode duration: it is out of range')
  }
  const minus = seconds < 0 || nanos < 0 ? '-' : ''
  return `${minus}${Math.abs(seconds)}${decimals(Math.abs(nanos))}s`
}
