import type { Writable } from 'node:stream'
import { frame, stateFrame } from '@tetragon-ts/console/frames'
import { pause } from '@tetragon-ts/service/timers'
import type { Agents } from '../connection/agents.ts'
import { ownReceiver } from '../connection/own-receiver.ts'
import { type ChunkReader, pump } from '../events/pump.ts'
import type { EventSource } from './event-source.ts'
import { NoPastError, PastFrames } from './past-frames.ts'

/** Milliseconds that an event waits for earlier ones of other agents. */
const windowMs = 1000
/** Milliseconds until an agent that keeps events says since when. */
const answerMs = 10_000
/** Milliseconds until a stream that has ended is opened again. */
const retryMs = 1000

/** Frames of events. The first one also says that the agent is there, unless that is known. */
class EventFrames implements ChunkReader {
  #isConnected = false
  #isSubscribed = false

  push(chunk: Buffer): Uint8Array {
    const event = frame('event', chunk)
    return this.#isConnected ? event : Buffer.concat([this.connect(), event])
  }

  /** The agent is there, though there may be no events. */
  connect(): Uint8Array {
    if (this.#isConnected) return new Uint8Array()
    this.#isConnected = true
    return stateFrame({ isConnected: true })
  }

  /** All later events arrive: those before can be asked for. */
  subscribe(): Uint8Array {
    if (this.#isSubscribed) return new Uint8Array()
    this.#isConnected = true
    this.#isSubscribed = true
    return stateFrame({ isConnected: true, isSubscribed: true })
  }

  end(): string {
    return ''
  }
}

/** Events of agents, for pages. */
export class AgentEvents implements EventSource {
  readonly agents: Pick<Agents, 'call' | 'watch' | 'events' | 'hasNodes'>

  constructor(agents: Pick<Agents, 'call' | 'watch' | 'events' | 'hasNodes'>) {
    this.agents = agents
  }

  /**
   * Sends events in the wire form of the agent. When the agent ends the stream, the page gets the
   * reason, and the stream is opened again.
   *
   * If the page is slow, the agent counts what it drops.
   */
  async send(page: Writable, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const reason = await this.#sendOnce(page, signal)
      if (reason === undefined || signal.aborted) return
      page.write(stateFrame({ isConnected: false, reason }))
      await pause(retryMs, { signal })
    }
  }

  /** @returns why the agent ended the stream; undefined: the page is gone */
  async #sendOnce(page: Writable, signal: AbortSignal): Promise<string | undefined> {
    const { chunks, onConnected, onSubscribed, close, explain } = this.agents.events(
      { receiver: ownReceiver() },
      windowMs,
    )
    signal.addEventListener('abort', close)
    const frames = new EventFrames()
    // A page asks for the past of a cluster, too, and shows why it is missing.
    onConnected(() => page.write(onSubscribed ? frames.connect() : frames.subscribe()))
    onSubscribed?.(() => page.write(frames.subscribe()))
    try {
      const end = await pump(chunks, page, frames)
      return end === 'output_closed' ? undefined : 'the agent has ended the stream'
    } catch (error) {
      const failure = explain(error as Error)
      if (failure === undefined) throw error
      return failure.message
    } finally {
      signal.removeEventListener('abort', close)
      close()
    }
  }

  /** Sends the past of the agent; those of a cluster are not merged. */
  async sendPast(page: Writable, since: string, signal: AbortSignal): Promise<void> {
    const reason = await this.#sendPast(page, since, signal)
    if (reason !== undefined) page.write(stateFrame({ isConnected: false, reason }))
  }

  /** @returns why it is not the whole past */
  async #sendPast(page: Writable, since: string, signal: AbortSignal): Promise<string | undefined> {
    if (signal.aborted) return undefined
    if (this.agents.hasNodes) return 'events of the past are shown for one agent, not for a cluster'
    const request = { receiver: ownReceiver(), since, past_only: true }
    const { chunks, close, explain } = this.agents.events(request, windowMs)
    signal.addEventListener('abort', close)
    const frames = new PastFrames()
    const late = setTimeout(() => {
      if (!frames.hasBegun) chunks.destroy(new NoPastError())
    }, answerMs)
    try {
      await pump(chunks, page, frames)
      return undefined
    } catch (error) {
      if (error instanceof NoPastError) return error.message
      const failure = explain(error as Error)
      if (failure === undefined && !signal.aborted) throw error
      return failure?.message
    } finally {
      clearTimeout(late)
      signal.removeEventListener('abort', close)
      close()
    }
  }
}
