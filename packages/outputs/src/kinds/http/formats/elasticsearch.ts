import { type Receipt, SendError } from '../../../connection.ts'
import { eventId } from '../../../events/event-fields.ts'
import type { EncodedEvent } from '../../../schemas/schema.ts'
import type { HttpFormat } from './format.ts'

interface BulkItem {
  readonly create?: {
    readonly status?: number
    readonly error?: { readonly type?: string; readonly reason?: string }
  }
}

/**
 * The bulk API of Elasticsearch and OpenSearch, for a data stream. The id of a document is that of
 * its event: one that is sent again is not stored again.
 */
export const elasticsearch: HttpFormat = {
  contentType: 'application/x-ndjson',
  path: '/_bulk',
  tokenScheme: 'ApiKey',
  bodies: (events, { index }) => [
    events
      .map(({ queued, event, json }) => {
        const action = { create: { _index: index, _id: eventId(queued.line) } }
        return `${JSON.stringify(action)}\n${withTimestamp(json, event.response.time)}\n`
      })
      .join(''),
  ],
  read: (body, events) => receiptOf(itemsOf(body.toString(), events.length), events),
}

/** Data streams need this field. */
function withTimestamp(json: string, time: string | undefined): string {
  if (json.startsWith('{"@timestamp"')) return json
  const timestamp = JSON.stringify(time ?? new Date().toISOString())
  return `{"@timestamp":${timestamp},${json.slice(1)}`
}

function itemsOf(body: string, count: number): readonly BulkItem[] {
  try {
    const { items } = JSON.parse(body) as { readonly items?: unknown }
    if (Array.isArray(items) && items.length === count) return items as BulkItem[]
  } catch {
    // The same as an answer of another API.
  }
  throw new SendError('again', 'the answer is not one of the bulk API')
}

function receiptOf(items: readonly BulkItem[], events: readonly EncodedEvent[]): Receipt {
  const refused: EncodedEvent[] = []
  const again: EncodedEvent[] = []
  const reasons = { refused: '', again: '' }
  for (const [index, item] of items.entries()) {
    const { status = 500, error } = item?.create ?? {}
    // 409: it was stored by an attempt without an answer.
    if ((status >= 200 && status < 300) || status === 409) continue
    const isTemporary = status === 429 || status >= 500
    const reason = `${status} ${error?.type ?? ''}: ${error?.reason ?? ''}`
    reasons[isTemporary ? 'again' : 'refused'] = reason
    ;(isTemporary ? again : refused).push(events[index])
  }
  return {
    ...(refused.length > 0 && {
      refused: { events: refused.map(({ queued }) => queued), reason: reasons.refused },
    }),
    ...(again.length > 0 && {
      again: { events: again.map(({ queued }) => queued), reason: reasons.again },
    }),
  }
}
