import { setTimeout as sleep } from 'node:timers/promises'
import type { FieldFilter, Filter, GetEventsRequest } from '@tetragon-ts/api'
import type { OptionValues, Streams } from '../command.ts'
import type { AgentClient } from '../connection/agent-client.ts'
import { readDuration } from '../connection/duration.ts'
import { connectionSettings } from '../connection/settings.ts'
import { onInterrupt } from '../events/interrupt.ts'
import type { Output } from '../events/output.ts'
import { pump } from '../events/pump.ts'
import { ServerReader } from '../events/server-reader.ts'
import type { geteventsOptions } from './getevents-options.ts'

type Values = OptionValues<typeof geteventsOptions>

function requestOf(values: Values, filter: Filter): GetEventsRequest {
  const field_filters: FieldFilter[] = []
  const { 'include-fields': include, 'exclude-fields': exclude } = values
  // Compact lines need fields that --include-fields may omit.
  if (values.output === 'json' && values['tty-encode'] === '') {
    if (include.length > 0) field_filters.push({ fields: include.join(','), action: 'INCLUDE' })
    if (exclude.length > 0) field_filters.push({ fields: exclude.join(','), action: 'EXCLUDE' })
  }
  return { allow_list: [filter], field_filters }
}

/** Prints events of an agent until it ends, the output is closed or an interrupt arrives. */
export async function followAgent(
  values: Values,
  filter: Filter,
  output: Output,
  { stdout, stderr }: Streams,
): Promise<number> {
  const settings = connectionSettings(values)
  const waitMs = readDuration('reconnect-wait', values['reconnect-wait'])
  const request = requestOf(values, filter)
  const { AgentClient } = await import('../connection/agent-client.ts')
  const { ConnectionError } = await import('../connection/connection-error.ts')
  const onLoss = (count: string): void => {
    stderr.write(
      `tetra: ${count} events were lost: the agent sent them faster than they were read\n`,
    )
  }
  const reader = new ServerReader(output, values.output === 'json' ? undefined : onLoss)
  const interrupt = new AbortController()
  const restore = onInterrupt(() => interrupt.abort())
  try {
    for (;;) {
      const end = await followOnce(new AgentClient(settings), request, reader, stdout, interrupt)
      if (end === 'output_closed') return 0
      if (interrupt.signal.aborted) break
      const failure = end === undefined ? undefined : new ConnectionError(settings.address, end)
      if (!values.reconnect) {
        if (failure !== undefined) throw failure
        break
      }
      const why = failure?.message ?? 'the agent ended the stream'
      stderr.write(`getevents: err:${why} retrying in ${values['reconnect-wait']}\n`)
      await sleep(waitMs, undefined, { signal: interrupt.signal }).catch(() => {})
      if (interrupt.signal.aborted) break
    }
  } finally {
    restore()
  }
  stderr.write(reader.report())
  return 0
}

type ServiceError = import('@grpc/grpc-js').ServiceError

/** One connection. Returns its error, or undefined if the agent ended the stream. */
async function followOnce(
  client: AgentClient,
  request: GetEventsRequest,
  reader: ServerReader,
  stdout: Streams['stdout'],
  { signal }: AbortController,
): Promise<ServiceError | 'output_closed' | undefined> {
  const stream = client.events(request)
  const cancel = (): void => stream.cancel()
  signal.addEventListener('abort', cancel)
  try {
    const end = await pump(stream, stdout, reader)
    return end === 'output_closed' ? end : undefined
  } catch (error) {
    const isStatus = typeof (error as ServiceError).code === 'number'
    if (isStatus) return error as ServiceError
    throw error
  } finally {
    signal.removeEventListener('abort', cancel)
    stream.cancel()
    client[Symbol.dispose]()
  }
}
