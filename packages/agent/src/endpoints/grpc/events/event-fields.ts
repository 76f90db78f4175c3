import { WireFields } from './wire-fields.ts'

const processField = 1
const pidField = 2
const wrappedField = 1
const timeField = 1001
const [secondsField, nanosField] = [1, 2]

/** As in google.protobuf.Timestamp. */
export interface Timestamp {
  readonly seconds: number
  readonly nanos: number
}

/**
 * The pid of an event's process, read without decoding the event. The process is field 1 of each
 * kind of event, and the event is the first field of the message. Undefined if there is none.
 */
export function eventPid(bytes: Uint8Array, from: number, to: number): number | undefined {
  const event = new WireFields(bytes, from, to)
  if (!event.next()) return undefined
  const body = new WireFields(bytes, event.from, event.to)
  if (!body.find(processField)) return undefined
  const process = new WireFields(bytes, body.from, body.to)
  if (!process.find(pidField)) return undefined
  const wrapper = new WireFields(bytes, process.from, process.to)
  return wrapper.find(wrappedField) ? wrapper.value() : 0
}

/** The time of an event, read without decoding the event; undefined if it has none. */
export function eventTime(bytes: Uint8Array, from: number, to: number): Timestamp | undefined {
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
