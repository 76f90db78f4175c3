import type { ServerWritableStream } from '@grpc/grpc-js'
import { RequestError } from '../../../request-error.ts'
import { statusOf } from '../status.ts'

/** What a stream of responses is made of. */
export interface Watch<Response> {
  /** The next response. */
  take(): Promise<Response>
  close(): void
}

const shortestMs = 100
const longestMs = 3_600_000

/** Milliseconds of a `Duration` in JSON; a second if there is none. @throws RequestError */
export function intervalOf({ interval = '1s' }: { readonly interval?: string }): number {
  const ms = Number(interval.replace(/s$/, '')) * 1000
  if (ms >= shortestMs && ms <= longestMs) return ms
  throw new RequestError('invalid', `watch: invalid interval ${interval}: expected 0.1s to 3600s`)
}

type Call = ServerWritableStream<never, never>

/** Each is answered up to ten times a second. */
const watchesMax = 128

/** Calls that go on, to be ended with the server. */
export class OpenCalls {
  readonly #calls = new Set<Call>()

  /** @throws RequestError when too many are open */
  add(call: Call): void {
    if (this.#calls.size >= watchesMax) {
      throw new RequestError('exhausted', `watch: ${watchesMax} watches are open; end others`)
    }
    this.#calls.add(call)
    call.on('close', () => this.#calls.delete(call))
  }

  close(): void {
    for (const call of this.#calls) call.end()
  }
}

/**
 * A procedure that answers again and again until the client has enough.
 * @param isImmediate whether the first response comes at once
 */
export function watch<Request extends { readonly interval?: string }, Response>(
  open: (request: Request) => Promise<Watch<Response>>,
  isImmediate: boolean,
  calls: OpenCalls,
) {
  return async (call: ServerWritableStream<Request, Response>): Promise<void> => {
    let watched: Watch<Response> | undefined
    let timer: NodeJS.Timeout | undefined
    let isOver = false
    const end = (): void => {
      isOver = true
      clearTimeout(timer)
      watched?.close()
      watched = undefined
    }
    const fail = (error: unknown): void => {
      end()
      call.emit('error', statusOf(error))
    }
    call.on('cancelled', end)
    call.on('close', end)
    call.on('finish', end)
    try {
      calls.add(call as unknown as Call)
      const ms = intervalOf(call.request)
      watched = await open(call.request)
      // The client may have left meanwhile.
      if (isOver || call.cancelled) return end()
      const send = async (): Promise<void> => {
        // A client that does not read gets the sum later.
        if (!call.writableNeedDrain && watched !== undefined) {
          const response = await watched.take()
          if (!isOver) call.write(response)
        }
        if (!isOver) timer = setTimeout(() => send().catch(fail), ms)
      }
      if (isImmediate) await send()
      else timer = setTimeout(() => send().catch(fail), ms)
    } catch (error) {
      fail(error)
    }
  }
}
