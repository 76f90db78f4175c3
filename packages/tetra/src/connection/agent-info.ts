import { readFileSync } from 'node:fs'

/** Where the agent of this machine writes what others need to know of it. */
export const infoFile = '/var/run/tetragon/tetragon-info.json'

/** Content of this file, as far as it is used here. */
export interface AgentInfo {
  readonly server_address?: string
  /** The file to which events are exported. */
  readonly export_fname?: string
}

/** What the agent of this machine has written; empty if there is none. */
export function agentInfo(): AgentInfo {
  let content: { readonly [name: string]: unknown }
  try {
    content = JSON.parse(readFileSync(infoFile, 'utf8')) ?? {}
  } catch {
    return {}
  }
  const { server_address, export_fname } = content
  return {
    ...(typeof server_address === 'string' && { server_address }),
    ...(typeof export_fname === 'string' && { export_fname }),
  }
}
