import { nanosecondsOf } from '../../../events/event-fields.ts'
import type { EncodedEvent } from '../../../schemas/schema.ts'
import type { HttpFormat } from './format.ts'

/** The HTTP Event Collector of Splunk: one object after the other. */
export const splunk: HttpFormat = {
  contentType: 'application/json',
  path: '/services/collector/event',
  tokenScheme: 'Splunk',
  bodies: (events, { index }) => [events.map((each) => objectOf(each, index)).join('')],
}

function objectOf({ event, queued, json }: EncodedEvent, index: string): string {
  const nanoseconds = nanosecondsOf(event.response.time) ?? `${queued.arrived}000000`
  const head = JSON.stringify({
    time: `${nanoseconds.slice(0, -9)}.${nanoseconds.slice(-9)}`,
    host: event.response.node_name,
    source: 'tetragon',
    sourcetype: `tetragon:${event.key}`,
    ...(index !== '' && { index }),
  })
  return `${head.slice(0, -1)},"event":${json}}`
}
