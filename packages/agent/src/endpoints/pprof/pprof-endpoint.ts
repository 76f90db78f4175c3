import type { ListenAddress } from '@tetragon-ts/service/listen'
import type { Log } from '../../log/log.ts'
import type { Endpoint, RunningEndpoint } from '../endpoint.ts'
import { ProfileFiles, type ProfilePaths } from './profile-files.ts'
import { serveProfiles } from './profile-server.ts'
import { type ProfiledThread, Profiler } from './profiler.ts'

/** Options of profiles. */
export interface ProfileOptions {
  /** Files that are written at exit. */
  readonly files: ProfilePaths
  /** Address to serve profiles; undefined: not served. */
  readonly address: ListenAddress | undefined
}

/**
 * Serves profiles and starts those that are written at exit.
 * @throws AgentError AGENT_SERVER, AGENT_FILE
 */
export async function startProfiles(
  { files, address }: ProfileOptions,
  reader: ProfiledThread,
  log: Log,
): Promise<RunningEndpoint> {
  const opened = new ProfileFiles(files)
  const profiler = new Profiler(reader)
  const server = address && (await serveProfiles(address, profiler, log))
  opened.begin(profiler)
  return {
    addresses: server ? [server.address] : [],
    notice: server && `serving profiles on ${server.url('/debug/pprof')}`,
    async close() {
      try {
        await server?.close()
        await opened.write(profiler)
      } catch (error) {
        log.error(`write profile: ${(error as Error).message}`)
      }
    },
  }
}

/** Profiles of the agent itself. Those of the reader are written while it still runs. */
export const pprofEndpoint: Endpoint<ProfileOptions> = {
  closesBeforeAgent: true,
  start: (options, { agent, log }) => startProfiles(options, agent.reader, log),
}
