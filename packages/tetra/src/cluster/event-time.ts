import { codecOf, declare } from '@tetragon-ts/api'

/** The fields of GetEventsResponse that merging needs; the others are skipped. */
const EventStamp = declare.message('GetEventsResponse', { time: declare.timestamp(1001) })
const codec = codecOf(EventStamp)

/** The time of an event in wire form, in nanoseconds since 1970; undefined if it has none. */
export function timeOfEvent(chunk: Buffer): bigint | undefined {
  const { time } = codec.decode(chunk)
  return time === undefined ? undefined : nanoseconds(time)
}

/** Reads RFC 3339 in UTC, such as `2026-01-31T10:00:00.123456789Z`. */
function nanoseconds(time: string): bigint | undefined {
  const seconds = Date.parse(`${time.slice(0, secondsLength)}Z`) / 1000
  if (Number.isNaN(seconds)) return undefined
  const fraction = time.slice(secondsLength + 1, -1).padEnd(9, '0')
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction)
}

const secondsLength = '2026-01-31T10:00:00'.length
