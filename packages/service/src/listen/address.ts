import { isIP } from 'node:net'
import { isAbsolute } from 'node:path'
import { BadValue } from '../options/bad-value.ts'

const defaultPort = 54321

/** A TCP address. IPv6 addresses are without brackets; an empty host: all addresses. */
export interface TcpAddress {
  readonly kind: 'tcp'
  readonly host: string
  readonly port: number
}

/** An address to listen on. */
export type ListenAddress = { readonly kind: 'unix'; readonly path: string } | TcpAddress

/**
 * Parses `unix:///run/x.sock`, `host:port`, `host`, `:port` (all addresses) or `[::1]:port`.
 * @throws BadValue
 */
export function parseAddress(text: string): ListenAddress {
  const unix = /^unix:(?:\/\/)?(.*)$/.exec(text)
  if (unix !== null) {
    if (isAbsolute(unix[1])) return { kind: 'unix', path: unix[1] }
    throw new BadValue(`invalid address "${text}" (the path of a socket must be absolute)`)
  }
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text)
  const wrong = (why: string): BadValue => new BadValue(`invalid address "${text}" (${why})`)
  if (match === null) throw wrong('expected HOST:PORT or unix:///PATH')
  const port = match[3] === undefined ? defaultPort : Number(match[3])
  if (port > 65535) throw wrong('the highest port is 65535')
  if (match[1] !== undefined && isIP(match[1]) !== 6)
    throw wrong('expected an IPv6 address in brackets')
  return { kind: 'tcp', host: match[1] ?? match[2], port }
}

/** Whether an address is reachable from this machine only. */
export function isLocal(address: ListenAddress): boolean {
  if (address.kind === 'unix') return true
  const { host } = address
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** A host in front of a port: IPv6 addresses in brackets. */
export function hostText(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

/** An address in the form of gRPC. */
export function grpcAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`
  const { host, port } = address
  return `${hostText(host || '::')}:${port}`
}

/** An address in the form of clients. */
export function clientAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix://${address.path}`
  const { host, port } = address
  return `${hostText(host || 'localhost')}:${port}`
}
