import { highestLevel, nanosecondsOf } from '../../../events/event-fields.ts'
import type { EncodedEvent } from '../../../schemas/schema.ts'
import type { HttpFormat } from './format.ts'

type Texts = Readonly<Record<string, string>>
type Entry = readonly [nanoseconds: string, line: string, metadata: Texts]

/**
 * The push API of Loki. Labels have few values: node, kind of event, level of the findings. Fields
 * with many are structured metadata.
 */
export const loki: HttpFormat = {
  contentType: 'application/json',
  path: '/loki/api/v1/push',
  tokenScheme: 'Bearer',
  bodies: (events) => {
    const streams = new Map<string, { stream: Texts; values: Entry[] }>()
    for (const each of events) {
      const stream = labelsOf(each)
      const key = JSON.stringify(stream)
      const known = streams.get(key) ?? { stream, values: [] }
      streams.set(key, known)
      known.values.push(entryOf(each))
    }
    return [JSON.stringify({ streams: [...streams.values()] })]
  },
}

function labelsOf({ event }: EncodedEvent): Texts {
  const { node_name: node, findings } = event.response
  return textsOf({ job: 'tetragon', node, event: event.key, level: highestLevel(findings) })
}

function entryOf({ event, queued, json }: EncodedEvent): Entry {
  const nanoseconds = nanosecondsOf(event.response.time) ?? `${queued.arrived}000000`
  const { body } = event
  const process = 'process' in body ? body.process : undefined
  const metadata = textsOf({
    exec_id: process?.exec_id,
    pid: process?.pid?.toString(),
    binary: process?.binary,
    namespace: process?.pod?.namespace,
    pod: process?.pod?.name,
    policy: 'policy_name' in body ? body.policy_name : undefined,
    rule: event.response.findings?.[0]?.title,
  })
  return [nanoseconds, json, metadata]
}

/** Without empty ones. */
function textsOf(texts: Readonly<Record<string, string | undefined>>): Texts {
  return Object.fromEntries(
    Object.entries(texts).filter((entry): entry is [string, string] => Boolean(entry[1])),
  )
}
