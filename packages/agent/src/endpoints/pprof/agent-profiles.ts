import type { Log } from '../../log/log.ts'
import type { ListenAddress } from '../listen/address.ts'
import type { HttpListener } from '../listen/http.ts'
import { ProfileFiles, type ProfilePaths } from './profile-files.ts'
import { serveProfiles } from './profile-server.ts'
import { type ProfiledThread, Profiler } from './profiler.ts'

/** Options of profiles. */
export interface ProfileOptions {
  /** Profiles to write at exit. */
  readonly files: ProfilePaths
  /** Address to serve them; undefined: not served. */
  readonly address: ListenAddress | undefined
}

/** The profiles of a running agent. */
export class AgentProfiles {
  readonly #files: ProfileFiles
  readonly #profiler: Profiler
  readonly #server: HttpListener | undefined

  /** @throws AgentError AGENT_SERVER, AGENT_FILE */
  static async start(
    reader: ProfiledThread,
    { files, address }: ProfileOptions,
    log: Log,
  ): Promise<AgentProfiles> {
    const opened = new ProfileFiles(files)
    const profiler = new Profiler(reader)
    const server = address && (await serveProfiles(address, profiler, log))
    if (server) log.info(`serving profiles on ${server.url('/debug/pprof')}`)
    opened.begin(profiler)
    return new AgentProfiles(opened, profiler, server)
  }

  private constructor(files: ProfileFiles, profiler: Profiler, server: HttpListener | undefined) {
    this.#files = files
    this.#profiler = profiler
    this.#server = server
  }

  /** Writes the profiles while the reader still runs. @throws Error of the file system */
  async end(): Promise<void> {
    await this.#server?.close()
    await this.#files.write(this.#profiler)
  }
}
