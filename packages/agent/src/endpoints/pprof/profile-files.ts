import { closeSync, createWriteStream, ftruncateSync, writeFileSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { AgentError } from '../../error.ts'
import { openOwnFile } from '../../files/own-file.ts'
import { type Profiler, type ThreadName, threads } from './profiler.ts'

/** Readable by the owner only: profiles contain the agent's data. */
const mode = 0o600

/** Profiles to write at exit. */
export interface ProfilePaths {
  /**
   * Empty: none. The main thread's profile goes to this file, the reader's to the same path with
   * `.reader`.
   */
  readonly cpu: string
  readonly heap: string
}

/** Files of profiles, opened at start, so that errors are reported then. */
export class ProfileFiles {
  readonly #threads = new Map<ThreadName, number>()
  readonly #heap: number | undefined

  /** @throws AgentError AGENT_FILE */
  constructor({ cpu, heap }: ProfilePaths) {
    if (cpu !== '') {
      this.#threads.set('reader', open(`${cpu}.reader`))
      this.#threads.set('main', open(cpu))
    }
    if (heap !== '') this.#heap = open(heap)
  }

  /** Starts the profiles that are written at exit. */
  begin(profiler: Profiler): void {
    for (const thread of threads) if (this.#threads.has(thread)) profiler.begin(thread)
  }

  /** @throws Error of the file system */
  async write(profiler: Profiler): Promise<void> {
    for (const [thread, fd] of this.#threads) {
      ftruncateSync(fd)
      writeFileSync(fd, await profiler.end(thread))
      closeSync(fd)
    }
    if (this.#heap === undefined) return
    ftruncateSync(this.#heap)
    await pipeline(profiler.heap(), createWriteStream('', { fd: this.#heap }))
  }
}

function open(path: string): number {
  try {
    return openOwnFile(path, mode).fd
  } catch (cause) {
    const message = `write profile to ${path}: ${(cause as Error).message}`
    throw new AgentError('AGENT_FILE', message, { cause })
  }
}
