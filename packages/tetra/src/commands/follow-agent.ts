import { escapeUnprintable, type GetEventsRequest } from '@tetragon-ts/api'
import {
  duration,
  flag,
  formatDuration,
  type Options,
  type ValuesOf,
} from '@tetragon-ts/service/options'
import { pause } from '@tetragon-ts/service/timers'
import { agentsOptions } from '../agents/agents-options.ts'
import { openAgents } from '../agents/open-agents.ts'
import type { Streams } from '../command.ts'
import type { EventStream } from '../connection/agents.ts'
import { ownReceiver } from '../connection/own-receiver.ts'
import { onInterrupt } from '../events/interrupt.ts'
import type { Output } from '../events/output.ts'
import { pump } from '../events/pump.ts'
import { ServerReader } from '../events/server-reader.ts'
import { UsageError } from '../usage-error.ts'

/** Options of commands that follow the events of agents. */
export const followOptions = {
  reconnect: flag({ help: 'Reconnect whenever the connection to the agent is lost' }),
  'reconnect-wait': duration({ default: '2s', help: 'Time to wait before reconnecting' }),
  own: flag({
    help: 'Include what hooks observe of this process, such as that it receives events',
  }),
  ...agentsOptions,
  'merge-window': duration({
    default: '1s',
    group: 'cluster',
    help: 'How long an event waits for earlier events of other nodes',
  }),
} as const satisfies Options

type Values = ValuesOf<typeof followOptions> & { readonly output: string }

/**
 * Prints events of the agents until the single one ends, the output is closed or an interrupt
 * arrives.
 */
export async function followAgent(
  values: Values,
  request: GetEventsRequest,
  output: Output,
  streams: Streams,
): Promise<number> {
  const { stdout, stderr } = streams
  const receiver = values.own ? undefined : ownReceiver()
  const { 'reconnect-wait': waitMs, 'merge-window': windowMs } = values
  if (!values.cluster && windowMs !== followOptions['merge-window'].unset) {
    throw new UsageError('--merge-window needs --cluster')
  }
  if (request.past_only && values.reconnect) {
    throw new UsageError('omit --reconnect: with --follow=false, the stream ends after the past')
  }
  using agents = await openAgents(values, streams)
  const onLoss = (count: string, node: string): void => {
    const of = values.cluster ? ` of ${escapeUnprintable(node)}` : ''
    const lost = count === '1' ? `1 event${of} was lost` : `${count} events${of} were lost`
    stderr.write(`tetra: ${lost}: the agent sends events faster than they are read\n`)
  }
  const reader = new ServerReader(output, values.output === 'json' ? undefined : onLoss)
  const { since } = request
  if (since !== undefined) {
    reader.expectPast((time) => {
      if (Date.parse(time) <= Date.parse(since)) return
      stderr.write(`tetra: the agent keeps events since ${time}\n`)
    })
  }
  const interrupt = new AbortController()
  const restore = onInterrupt(() => interrupt.abort())
  try {
    let wanted = request
    for (;;) {
      const failure = await followOnce(
        agents.events({ ...wanted, receiver }, windowMs),
        reader,
        stdout,
        interrupt,
      )
      if (failure === 'output_closed') return 0
      if (interrupt.signal.aborted) break
      if (failure === undefined && request.past_only) break
      // The past was printed, at least in part: it would be printed twice.
      const isRepeat = wanted.since !== undefined && reader.hasPast
      if (isRepeat) wanted = { ...request, since: undefined }
      if (!values.reconnect) {
        if (failure !== undefined) throw failure
        stderr.write('tetra: the agent has ended the stream; --reconnect waits for it\n')
        break
      }
      const why = failure?.message ?? 'the agent ended the stream'
      stderr.write(`getevents: err:${why} retrying in ${formatDuration(waitMs)}\n`)
      if (isRepeat) stderr.write('tetra: kept events are not read again: some may be missing\n')
      await pause(waitMs, { signal: interrupt.signal })
      if (interrupt.signal.aborted) break
    }
  } finally {
    restore()
  }
  stderr.write(reader.report())
  return 0
}

/** Reads one stream. Returns its error, or undefined if it ended. */
async function followOnce(
  { chunks, close, explain }: EventStream,
  reader: ServerReader,
  stdout: Streams['stdout'],
  { signal }: AbortController,
): Promise<Error | 'output_closed' | undefined> {
  signal.addEventListener('abort', close)
  try {
    const end = await pump(chunks, stdout, reader)
    return end === 'output_closed' ? end : undefined
  } catch (error) {
    const failure = explain(error as Error)
    if (failure === undefined) throw error
    return failure
  } finally {
    signal.removeEventListener('abort', close)
    close()
  }
}
