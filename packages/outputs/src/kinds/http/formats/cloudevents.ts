import { eventId } from '../../../events/event-fields.ts'
import type { EncodedEvent } from '../../../schemas/schema.ts'
import type { HttpFormat } from './format.ts'

/** CloudEvents 1.0, as a batch in JSON. */
export const cloudevents: HttpFormat = {
  contentType: 'application/cloudevents-batch+json',
  path: '/',
  tokenScheme: 'Bearer',
  bodies: (events) => [`[${events.map(objectOf).join(',')}]`],
}

function objectOf({ event, queued, json }: EncodedEvent): string {
  const head = JSON.stringify({
    specversion: '1.0',
    id: eventId(queued.line),
    source: `/tetragon/${encodeURIComponent(event.response.node_name ?? '')}`,
    type: `io.cilium.tetragon.${event.key}`,
    time: event.response.time,
    datacontenttype: 'application/json',
  })
  return `${head.slice(0, -1)},"data":${json}}`
}
