import type { Readable } from 'node:stream'
import { getHeapSnapshot } from 'node:v8'
import { CpuProfiler } from '../../reader/cpu-profiler.ts'

/** Threads that can be profiled. */
export const threads = ['reader', 'main'] as const
export type ThreadName = (typeof threads)[number]

/** A thread that can profile itself. */
export interface ProfiledThread {
  beginProfile(): void
  endProfile(): Promise<string>
}

/** Profiles of the agent's threads: reader and main. */
export class Profiler {
  readonly #reader: ProfiledThread
  readonly #main = new CpuProfiler()
  readonly #running = new Set<ThreadName>()

  constructor(reader: ProfiledThread) {
    this.#reader = reader
  }

  /** @returns false if that thread is already being profiled */
  begin(thread: ThreadName): boolean {
    if (this.#running.has(thread)) return false
    this.#running.add(thread)
    if (thread === 'main') this.#main.start()
    else this.#reader.beginProfile()
    return true
  }

  /** A profile for Chrome's developer tools. */
  async end(thread: ThreadName): Promise<string> {
    const profile = thread === 'main' ? this.#main.stop() : await this.#reader.endProfile()
    this.#running.delete(thread)
    return profile
  }

  /** A heap snapshot of the main thread, for Chrome's developer tools. */
  heap(): Readable {
    return getHeapSnapshot()
  }
}
