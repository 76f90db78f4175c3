import { FrameReader, type StreamState } from '../stream/frames.ts'
import { WorkSlices } from './work-slices.ts'

/** Milliseconds until a stream that ended is opened again. */
const retryMs = 1000
/** From this status on the server may answer another time. */
const temporaryStatus = 500
/** Bytes that are read before the clock is. */
const pieceSize = 1 << 12

/** Receives what the stream has. */
export interface FeedObserver {
  event(bytes: Uint8Array): void
  state(state: StreamState): void
  /** The server refuses this page: it must be opened anew. */
  refused(text: string): void
}

/** Reads the stream of `tetra console`, again and again, until the server refuses the page. */
export async function readFeed(key: string, observer: FeedObserver): Promise<void> {
  /** Number of events that have arrived, and of those that the stream repeats. */
  let received = 0
  let repeated = 0
  const newOnly: Pick<FeedObserver, 'event' | 'state'> = {
    event(bytes) {
      if (repeated > 0) return void repeated--
      received++
      observer.event(bytes)
    },
    state(state) {
      if (state.isRecorded) repeated = received
      observer.state(state)
    },
  }
  for (;;) {
    repeated = 0
    try {
      const response = await fetch('/api/events', { headers: { 'x-console-key': key } })
      const isTemporary = response.status >= temporaryStatus
      if (!response.ok && !isTemporary) return observer.refused(await response.text())
      const reason = response.ok
        ? ((await readFrames(response, new WorkSlices(), newOnly)) ??
          'tetra console has ended the stream')
        : await reasonOf(response)
      observer.state({ isConnected: false, reason })
    } catch (error) {
      const reason = `tetra console does not answer: ${(error as Error).message}`
      observer.state({ isConnected: false, reason })
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs))
  }
}

/** Why there is no stream. Proxies answer with whole pages. */
export async function reasonOf(response: Response): Promise<string> {
  const isText = response.headers.get('content-type')?.startsWith('text/plain')
  return isText
    ? (await response.text()).trim()
    : `tetra console does not answer: status ${response.status}`
}

/** @returns why the stream has ended, for the user; undefined: it has no reason */
export async function readFrames(
  { body }: Response,
  slices: WorkSlices,
  observer: Pick<FeedObserver, 'event' | 'state'>,
): Promise<string | undefined> {
  let reason: string | undefined
  const reader = new FrameReader((kind, content) => {
    if (kind === 'event') return observer.event(content)
    const state = JSON.parse(new TextDecoder().decode(content)) as StreamState
    reason = state.reason
    observer.state(state)
  })
  const chunks = body?.getReader()
  for (;;) {
    const next = await chunks?.read()
    if (next?.value === undefined) return reason
    // A chunk may have megabytes: seconds of work.
    for (let at = 0; at < next.value.length; at += pieceSize) {
      reader.push(next.value.subarray(at, at + pieceSize))
      await slices.pause()
    }
  }
}
