import { codecOf, declare } from '@tetragon-ts/api'

/** The fields of GetEventsResponse that merging needs; the others are skipped. */
const EventStamp = declare.message('GetEventsResponse', {
  node_name: declare.string(1000),
  time: declare.timestamp(1001),
})
const codec = codecOf(EventStamp)

/** Where and when an event happened. */
export interface EventOrigin {
  readonly node: string | undefined
  /** Nanoseconds since 1970. */
  readonly time: bigint | undefined
}

/** The origin of an event in wire form. */
export function originOfEvent(chunk: Buffer): EventOrigin {
  const { node_name: node, time } = codec.decode(chunk)
  return { node, time: time === undefined ? undefined : nanoseconds(time) }
}

/** Reads RFC 3339 in UTC, such as `2026-01-31T10:00:00.123456789Z`. */
function nanoseconds(time: string): bigint | undefined {
  const seconds = Date.parse(`${time.slice(0, secondsLength)}Z`) / 1000
  if (Number.isNaN(seconds)) return undefined
  const fraction = time.slice(secondsLength + 1, -1).padEnd(9, '0')
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction)
}

const secondsLength = '2026-01-31T10:00:00'.length
