import { accessSync, constants, readFileSync } from 'node:fs'

/** Where the agent of this machine writes what others need to know of it. */
export const infoFile = '/var/run/tetragon/tetragon-info.json'

/** The socket that the agent also has if it listens on TCP. */
const socket = '/var/run/tetragon/tetragon.sock'

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

/**
 * The address at which local programs reach the agent; empty if it has not written one. Over TCP
 * without a certificate it would not know them: they could only read.
 */
export function addressIn({ server_address = '' }: AgentInfo, mayConnect = mayWrite): string {
  const isTcp = server_address !== '' && !server_address.startsWith('unix:')
  return isTcp && mayConnect(socket) ? `unix://${socket}` : server_address
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
