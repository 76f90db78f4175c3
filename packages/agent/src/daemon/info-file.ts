import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkOwnFolder } from '../files/own-folder.ts'

/**
 * Information for other programs about a running agent, in particular the address of its server.
 */
export interface AgentInfo {
  readonly export_fname?: string
  readonly btf_fname?: string
  readonly server_address?: string
  readonly metrics_address?: string
  readonly pid: number
}

const name = 'tetragon-info.json'

/**
 * Writes `tetragon-info.json` next to the pid file, atomically.
 * @returns removes it, unless another agent has replaced it
 * @throws AgentError AGENT_FILE, Error of the file system
 */
export function writeInfoFile(folder: string, info: AgentInfo): () => void {
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
