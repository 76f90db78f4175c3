import { highestLevel } from '../../events/event-fields.ts'
import type { EncodedEvent } from '../../schemas/schema.ts'

/** Severities (RFC 5424, 6.2.1) of events without findings and of levels of findings. */
const severities = { none: 6, informational: 6, low: 5, medium: 4, high: 3, critical: 2 } as const

/**
 * A message of RFC 5424: the head, and the event as JSON.
 * @param facility its number
 */
export function syslogMessage({ event, json }: EncodedEvent, facility: number): Buffer {
  const { node_name: node, time, findings } = event.response
  const priority = facility * 8 + severities[highestLevel(findings) ?? 'none']
  const host = headField(node, 255)
  const head = `<${priority}>1 ${timestamp(time)} ${host} tetragon - ${event.key.slice(0, 32)} - `
  return Buffer.from(`${head}${json}`)
}

/** A field of the head: printable ASCII without spaces. */
function headField(text: string | undefined, longest: number): string {
  const printable = (text ?? '').replaceAll(/[^!-~]/g, '?').slice(0, longest)
  return printable === '' ? '-' : printable
}

/** At most six digits of a second. */
function timestamp(time: string | undefined): string {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?\d*(Z|[+-]\d\d:\d\d)$/.exec(
    time ?? '',
  )
  return match === null ? '-' : `${match[1]}${match[2] ?? ''}${match[3]}`
}
