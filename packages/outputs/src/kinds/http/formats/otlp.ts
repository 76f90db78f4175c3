import type { EventKey } from '@tetragon-ts/api'
import type { Receipt } from '../../../connection.ts'
import { highestLevel, nanosecondsOf } from '../../../events/event-fields.ts'
import type { EncodedEvent } from '../../../schemas/schema.ts'
import type { HttpFormat } from './format.ts'
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

/** Logs of OpenTelemetry: OTLP over HTTP, in JSON. The body of a record is the event. */
export const otlp: HttpFormat = {
  contentType: 'application/json',
  path: '/v1/logs',
  tokenScheme: 'Bearer',
  permanent: new Set([500]),
  bodies: (events, { host }) => {
    const { cluster_name: cluster, node_name: node } = events[0].event.response
    const resource = keyValues({
      'service.name': 'tetragon',
      'service.version': host.version,
      'host.name': node ?? host.nodeName,
      'os.type': 'linux',
      'k8s.cluster.name': cluster,
    })
    const scope = { name: 'tetragon', version: host.version }
    const scopeLogs = [{ scope, logRecords: events.map(recordOf) }]
    return [JSON.stringify({ resourceLogs: [{ resource: { attributes: resource }, scopeLogs }] })]
  },
  read: (body, events) => receiptOf(body, events),
}

function recordOf(encoded: EncodedEvent): object {
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

/** A success may be a partial one; which records were rejected is not said. */
function receiptOf(body: string, events: readonly EncodedEvent[]): Receipt {
  let count = 0
  let reason = ''
  try {
    const { partialSuccess } = JSON.parse(body) as {
      readonly partialSuccess?: {
        readonly rejectedLogRecords?: string | number
        readonly errorMessage?: string
      }
    }
    count = Number(partialSuccess?.rejectedLogRecords ?? 0)
    reason = String(partialSuccess?.errorMessage ?? '')
  } catch {
    // An answer with status 200 is a success, whatever it contains.
  }
  if (!(count > 0)) return {}
  return { refused: { events: events.slice(0, count).map(({ queued }) => queued), reason } }
}
