import { WireFields } from './wire-fields.ts'

const timeField = 1001
const [secondsField, nanosField] = [1, 2]

/** A time since 1970. */
export interface EventTime {
  readonly seconds: number
  readonly nanos: number
}

/** The time of an event, read without decoding the event; undefined if it has none. */
export function eventTime(bytes: Uint8Array, from: number, to: number): EventTime | undefined {
  const event = new WireFields(bytes, from, to)
  if (!event.find(timeField)) return undefined
  const time = new WireFields(bytes, event.from, event.to)
  let [seconds, nanos] = [0, 0]
  while (time.next()) {
    if (time.number === secondsField) seconds = time.value()
    else if (time.number === nanosField) nanos = time.value()
  }
  return { seconds, nanos }
}
