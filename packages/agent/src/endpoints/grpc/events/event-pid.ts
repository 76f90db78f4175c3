import { WireFields } from './wire-fields.ts'

const processField = 1
const pidField = 2
const wrappedField = 1

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
