import { FrameReader } from '../stream/frame-reader.ts'
import type { StreamState } from '../stream/frames.ts'
import { WorkSlices } from './work-slices.ts'

/** Milliseconds until a stream that ended is opened again. */
const retryMs = 1000
/** Bytes that are read before the clock is. */
const pieceSize = 1 << 16

/** Receives what the stream has. */
export interface FeedObserver {
  event(bytes: Uint8Array): void
  state(state: StreamState): void
  /** The server refuses this page: it must be opened anew. */
  refused(text: string): void
}

/** Reads the stream of `tetra console`, again and again, until the server refuses the page. */
export async function readFeed(key: string, observer: FeedObserver): Promise<void> {
  for (;;) {
    try {
      const response = await fetch('/api/events', { headers: { 'x-console-key': key } })
      if (!response.ok) return observer.refused(await response.text())
      await readFrames(response, observer)
      observer.state({ isConnected: false, reason: 'tetra console has ended the stream' })
    } catch (error) {
      const reason = `tetra console does not answer: ${(error as Error).message}`
      observer.state({ isConnected: false, reason })
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs))
  }
}

async function readFrames({ body }: Response, observer: FeedObserver): Promise<void> {
  const reader = new FrameReader((kind, content) => {
    if (kind === 'event') observer.event(content)
    else observer.state(JSON.parse(new TextDecoder().decode(content)) as StreamState)
  })
  const chunks = body?.getReader()
  const slices = new WorkSlices()
  for (;;) {
    const next = await chunks?.read()
    if (next?.value === undefined) return
    // A chunk may have megabytes: seconds of work.
    for (let at = 0; at < next.value.length; at += pieceSize) {
      reader.push(next.value.subarray(at, at + pieceSize))
      await slices.pause()
    }
  }
}
