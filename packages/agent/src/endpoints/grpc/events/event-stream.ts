import type { QueueFill } from '@tetragon-ts/api'
import { makeRingMemory, SharedRing } from '../../../reader/outputs/shared-ring.ts'
import type { EventReceiver, EventSource, EventSubscription } from '../server-host.ts'

/** Maximum number of bytes that wait for the server: about two seconds of 20,000 events. */
const ringSize = 2 ** 25
/** Bytes that are handled before sockets are served. */
const chunkSize = 2 ** 17

/** Sends commands to the thread that creates events. */
export interface EventThread {
  /** Starts or stops writing events to a ring. */
  stream(memory: SharedArrayBuffer | undefined): void
  /** Called when unrequested events are available. */
  onEvents: (() => void) | undefined
}

/** Events from the thread that creates them. There is one receiver at a time. */
export class EventStream implements EventSource {
  readonly #thread: EventThread
  #ring: SharedRing | undefined

  constructor(thread: EventThread) {
    this.#thread = thread
  }

  get queue(): QueueFill {
    return { name: 'server', unit: 'bytes', used: this.#ring?.used ?? 0, size: ringSize }
  }

  open(receiver: EventReceiver): EventSubscription {
    const ring = new SharedRing(makeRingMemory(ringSize))
    this.#ring = ring
    let isOpen = true
    let isPaused = false
    let begin = (): void => {}
    const begun = new Promise<void>((resolve) => {
      begin = resolve
    })
    const drain = (): void => {
      if (!isOpen) return
      if (ring.isAttached) begin()
      if (receiver.isFull) {
        isPaused = true
        return
      }
      const chunk = ring.read(chunkSize)
      if (chunk !== undefined) receiver.messages(chunk)
      const lost = ring.takeLost()
      if (lost !== undefined) receiver.lost(lost)
      if (chunk !== undefined || !ring.sleep()) setImmediate(drain)
    }
    this.#thread.onEvents = drain
    ring.sleep()
    this.#thread.stream(ring.buffer)
    return {
      begun,
      resume: () => {
        if (isPaused) setImmediate(drain)
        isPaused = false
      },
      close: () => {
        isOpen = false
        this.#ring = undefined
        this.#thread.onEvents = undefined
        this.#thread.stream(undefined)
      },
    }
  }
}
