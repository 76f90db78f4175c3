import type { ServerWritableStream } from '@grpc/grpc-js'
import { RequestError } from '../../../request-error.ts'
import type { OpenCalls } from '../../listen/open-calls.ts'
import { statusOf } from '../../listen/status.ts'

/** Source of the responses of a stream. */
export interface Watch<Response> {
  /** The next response. */
  take(): Promise<Response>
  close(): void
}

const shortestMs = 100
const longestMs = 3_600_000

/** Milliseconds of a `Duration` in JSON; default: a second. @throws RequestError */
export function intervalOf({ interval = '1s' }: { readonly interval?: string }): number {
  const ms = Number(interval.replace(/s$/, '')) * 1000
  if (ms >= shortestMs && ms <= longestMs) return ms
  throw new RequestError('invalid', `watch: invalid interval ${interval}: expected 0.1s to 3600s`)
}

/**
 * A procedure that sends responses until the client cancels.
 * @param isImmediate whether the first response is sent immediately
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
      calls.add(call)
      const ms = intervalOf(call.request)
      watched = await open(call.request)
      // The client may have cancelled.
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
