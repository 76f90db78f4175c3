import { isIP } from 'node:net'
import { isAbsolute } from 'node:path'
import { AgentError } from '../../error.ts'

const defaultPort = 54321

/** Where to listen. */
export type ListenAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }

/**
 * Reads `unix:///run/x.sock`, `host:port`, `host`, `:port` (all addresses) or `[::1]:port`.
 * @throws AgentError AGENT_OPTION
 */
export function parseAddress(option: string, text: string): ListenAddress {
  const unix = /^unix:(?:\/\/)?(.*)$/.exec(text)
  if (unix !== null) {
    if (isAbsolute(unix[1])) return { kind: 'unix', path: unix[1] }
    throw wrong(option, text, 'the path of a socket must be absolute')
  }
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text)
  if (match === null) throw wrong(option, text, 'it is neither host:port nor unix:///path')
  const port = match[3] === undefined ? defaultPort : Number(match[3])
  if (port > 65535) throw wrong(option, text, 'ports end at 65535')
  if (match[1] !== undefined && isIP(match[1]) !== 6) throw wrong(option, text, 'no IPv6 address')
  return { kind: 'tcp', host: match[1] ?? match[2], port }
}

function wrong(option: string, text: string, why: string): AgentError {
  return new AgentError('AGENT_OPTION', `read option --${option}: '${text}': ${why}`)
}

/** Whether only this machine can reach an address. */
export function isLocal(address: ListenAddress): boolean {
  if (address.kind === 'unix') return true
  const { host } = address
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** An address as gRPC takes it. */
export function grpcAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`
  const { host, port } = address
  if (host === '') return `[::]:${port}`
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
}
