import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { clientAddress } from '@tetragon-ts/service/listen'
import type { AgentOptions } from '../config/agent-options.ts'
import type { RunningEndpoints } from '../endpoints/running-endpoints.ts'
import { checkOwnFolder } from '../files/own-folder.ts'

/**
 * Information for other programs about a running agent, in particular the address of its server.
 */
interface AgentInfo {
  readonly export_fname?: string
  readonly btf_fname?: string
  readonly server_address?: string
  readonly metrics_address?: string
  readonly pid: number
}

const name = 'tetragon-info.json'

/**
 * Writes `tetragon-info.json` next to the pid file, with the addresses of the server and of the
 * metrics; if there are none, no file.
 * @param usesTls whether TCP needs certificates: local programs have none, so they get the socket
 * @returns removes it, unless another agent has replaced it
 * @throws AgentError AGENT_FILE, Error of the file system
 */
export function writeInfoFile(
  { sink, btf, pidFile }: Pick<AgentOptions, 'sink' | 'btf' | 'pidFile'>,
  endpoints: Pick<RunningEndpoints, 'addressesOf'>,
  usesTls: boolean,
): () => void {
  const servers = endpoints.addressesOf('grpc')
  const socket = servers.find(({ kind }) => kind === 'unix')
  const server = usesTls ? (socket ?? servers[0]) : servers[0]
  const [metrics] = endpoints.addressesOf('metrics')
  if (server === undefined && metrics === undefined) return () => {}
  return write(dirname(pidFile), {
    export_fname: sink.kind === 'file' ? sink.path : undefined,
    btf_fname: btf,
    server_address: server && clientAddress(server),
    metrics_address: metrics && clientAddress(metrics),
    pid: process.pid,
  })
}

/** Written atomically. */
function write(folder: string, info: AgentInfo): () => void {
  const path = join(folder, name)
  const text = `${JSON.stringify(info)}\n`
  const temporary = `${path}.${info.pid}`
  checkOwnFolder(folder)
  rmSync(temporary, { force: true })
  writeFileSync(temporary, text, { mode: 0o644, flag: 'wx' })
  chmodSync(temporary, 0o644)
  renameSync(temporary, path)
  return () => {
    try {
      if (readFileSync(path, 'utf8') === text) rmSync(path)
    } catch {
      // Already removed.
    }
  }
}
