import { codecOf, type EventKey, type MessageOf } from '@tetragon-ts/api'
import type { Receipt } from '../../connection.ts'
import { highestLevel, nanosecondsOf } from '../../events/event-fields.ts'
import type { EncodedEvent, SchemaHost } from '../../schemas/schema.ts'
import { type ExportLogsRequest, type ExportLogsResponse, LogRecord } from './log-messages.ts'
import { originOf } from './origin.ts'
import { attributesOf, keyValues } from './otlp-attributes.ts'

/** `SeverityNumber` of events without findings and of levels of findings. */
const severities = {
  none: [9, 'INFO'],
  informational: [9, 'INFO'],
  low: [10, 'INFO2'],
  medium: [13, 'WARN'],
  high: [17, 'ERROR'],
  critical: [18, 'ERROR2'],
} as const

const eventNames: Readonly<Record<EventKey, string>> = {
  process_exec: 'tetragon.process.exec',
  process_exit: 'tetragon.process.exit',
  process_loader: 'tetragon.process.library',
  process_kprobe: 'tetragon.kernel.call',
  process_tracepoint: 'tetragon.kernel.tracepoint',
  process_lsm: 'tetragon.lsm',
  process_uprobe: 'tetragon.user.call',
  process_usdt: 'tetragon.user.probe',
  process_throttle: 'tetragon.agent.throttle',
  rate_limit_info: 'tetragon.agent.loss',
  test: 'tetragon.agent.test',
}

/** The record of an event. */
export function recordOf(encoded: EncodedEvent): MessageOf<typeof LogRecord> {
  const { event, queued, json } = encoded
  const { time, findings } = event.response
  const [severityNumber, severityText] = severities[highestLevel(findings) ?? 'none']
  const arrived = `${queued.arrived}000000`
  return {
    timeUnixNano: nanosecondsOf(time) ?? arrived,
    observedTimeUnixNano: arrived,
    severityNumber,
    severityText,
    eventName: eventNames[event.key],
    body: { stringValue: json },
    attributes: keyValues(attributesOf(encoded)),
  }
}

/** Whether an event has a form in protobuf: its numbers may be out of range. */
export function hasRecord(event: EncodedEvent): boolean {
  try {
    codecOf(LogRecord).encode(recordOf(event))
    return true
  } catch {
    return false
  }
}

/** The request for events: a record for each, whose body is the event. */
export function exportRequest(
  events: readonly EncodedEvent[],
  host: SchemaHost,
): MessageOf<typeof ExportLogsRequest> {
  const { cluster_name: cluster, node_name: node } = events[0].event.response
  const { version, nodeName } = host
  const { resource, scope } = originOf({ version, node: node ?? nodeName, cluster })
  const logRecords = events.map(recordOf)
  return { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords }] }] }
}

/** A success may be a partial one; which records were rejected is not said. */
export function receiptOf(
  { partialSuccess }: MessageOf<typeof ExportLogsResponse>,
  events: readonly EncodedEvent[],
): Receipt {
  const count = Number(partialSuccess?.rejectedLogRecords ?? 0)
  if (!(count > 0)) return {}
  const reason = String(partialSuccess?.errorMessage ?? '')
  const refused = events.slice(0, count).map(({ queued }) => queued)
  return { refused: { events: refused, reason } }
}
