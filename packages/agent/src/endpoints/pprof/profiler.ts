import type { Readable } from 'node:stream'
import { getHeapSnapshot } from 'node:v8'
import { CpuProfiler } from '../../reader/cpu-profiler.ts'

/** Threads that can be looked at. */
export const threads = ['reader', 'main'] as const
export type ThreadName = (typeof threads)[number]

/** A thread that can sample itself on request. */
export interface ProfiledThread {
  beginProfile(): void
  endProfile(): Promise<string>
}

/** Profiles of the agent: of the thread that makes events, and of the main one. */
export class Profiler {
  readonly #reader: ProfiledThread
  readonly #main = new CpuProfiler()
  readonly #running = new Set<ThreadName>()

  constructor(reader: ProfiledThread) {
    this.#reader = reader
  }

  /** @returns false if that thread is sampled already */
  begin(thread: ThreadName): boolean {
    if (this.#running.has(thread)) return false
    this.#running.add(thread)
    if (thread === 'main') this.#main.start()
    else this.#reader.beginProfile()
    return true
  }

  /** A profile as Chrome's developer tools read it. */
  async end(thread: ThreadName): Promise<string> {
    const profile = thread === 'main' ? this.#main.stop() : await this.#reader.endProfile()
    this.#running.delete(thread)
    return profile
  }

  /** What is on the main thread's heap, as Chrome's developer tools read it. */
  heap(): Readable {
    return getHeapSnapshot()
  }
}
