import type { IncomingMessage, ServerResponse } from 'node:http'
import { stateFrame } from '@tetragon-ts/console/frames'
import type { Granted } from './access.ts'
import { sendText } from './answers.ts'
import { ClientSignal } from './client-signal.ts'
import type { EventSource } from './event-source.ts'

/**
 * Maximum number of streams: each has connections of its own to all agents, with a process of 45 MB
 * beside each agent of a cluster.
 */
const streamsMax = 16
/** Times of streams, in milliseconds. */
export interface StreamTimes {
  /** Between checks whether the user of a stream still has access. */
  readonly recheck: number
  /** For a page to read why its stream ends. */
  readonly lastRead: number
}

/** Sends frames to a page, until the signal is aborted or the page is closed. */
type Send = EventSource['send']

const usualTimes: StreamTimes = { recheck: 30_000, lastRead: 5000 }

/** The streams of events to pages. A stream ends when its user has no access any more. */
export class EventStreams {
  readonly #send: Send
  readonly #end: AbortSignal
  readonly #times: StreamTimes
  #open = 0

  /** @param end ends all streams */
  constructor(source: EventSource, end: AbortSignal, times = usualTimes) {
    this.#send = (page, signal) => source.send(page, signal)
    this.#end = end
    this.#times = times
  }

  /**
   * Answers a request with a stream, until the page is closed or its user has no access.
   * @param send instead of the source
   */
  async answer(
    { whyEnd }: Granted,
    { socket }: IncomingMessage,
    response: ServerResponse,
    send: Send = this.#send,
  ): Promise<void> {
    if (response.socket === null) return sendText(response, 400, 'wait for the answer before')
    if (this.#open >= streamsMax) {
      return sendText(response, 503, `close another page: ${streamsMax} pages are open`)
    }
    response.setHeader('Content-Type', 'application/octet-stream')
    response.flushHeaders()
    using client = new ClientSignal(socket, this.#end)
    const access = new AbortController()
    let reason: string | undefined
    const recheck = setInterval(async () => {
      reason ??= await whyEnd()
      if (reason === undefined || response.writableEnded || access.signal.aborted) return
      access.abort()
      // A page that has stopped reading would keep the stream open.
      const cut = setTimeout(() => socket.destroy(), this.#times.lastRead)
      response.once('close', () => clearTimeout(cut))
    }, this.#times.recheck)
    this.#open++
    try {
      await send(response, AbortSignal.any([client.signal, access.signal]))
    } finally {
      this.#open--
      clearInterval(recheck)
    }
    response.end(reason === undefined ? undefined : stateFrame({ isConnected: false, reason }))
  }
}
