import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { checkOwnFolder } from '../files/own-folder.ts'

/** What others find out about a running agent, above all where its server listens. */
export interface AgentInfo {
  readonly export_fname?: string
  readonly btf_fname?: string
  readonly server_address?: string
  readonly metrics_address?: string
  readonly pid: number
}

const name = 'tetragon-info.json'

/**
 * Writes `tetragon-info.json` beside the pid file; readers see the old or the new one, never half.
 * @returns removes it, unless another agent has written its own since
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
      // It is gone already.
    }
  }
}
