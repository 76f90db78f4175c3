import { createWriteStream, writeFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { getHeapSnapshot } from 'node:v8'
import { CpuProfiler } from './cpu-profiler.ts'

/** Threads that can be looked at. */
export const threads = ['reader', 'main'] as const
export type ThreadName = (typeof threads)[number]

/** A thread that can be told to sample itself. */
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

/** Only the owner may read them: they hold what the agent knows. */
const mode = 0o600

/** What is written when the agent ends. */
export interface ProfileFiles {
  /** Empty: none. The main thread's goes there, the reader's beside it with `.reader`. */
  readonly cpu: string
  readonly heap: string
}

/** Begins what is to be written in the end. */
export function beginProfiles(profiler: Profiler, { cpu }: ProfileFiles): void {
  if (cpu === '') return
  for (const thread of threads) profiler.begin(thread)
}

/** @throws Error of the file system */
export async function writeProfiles(
  profiler: Profiler,
  { cpu, heap }: ProfileFiles,
): Promise<void> {
  if (cpu !== '') {
    writeFileSync(`${cpu}.reader`, await profiler.end('reader'), { mode })
    writeFileSync(cpu, await profiler.end('main'), { mode })
  }
  if (heap !== '') await pipeline(profiler.heap(), createWriteStream(heap, { mode }))
}
