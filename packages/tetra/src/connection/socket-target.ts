/** What a socket connects to. */
export type SocketTarget =
  | { readonly path: string }
  | { readonly host: string; readonly port: number }

/**
 * The target of an address of gRPC (grpc/doc/naming.md), which need not be resolved by its library.
 * @throws Error if it names no single target
 */
export function socketTarget(address: string): SocketTarget {
  const path = /^unix:(?:\/\/)?(.+)$/.exec(address)?.[1]
  if (path !== undefined) return { path }
  const [, host, port] =
    /^(?:dns:(?:\/\/[^/]*\/)?|ipv4:|ipv6:)?(\[[^\]]+\]|[^:/,\s]+):(\d{1,5})$/.exec(address) ?? []
  if (host === undefined || Number(port) > 65_535) {
    throw new Error(`connect to ${address}: neither unix:PATH nor HOST:PORT, with or without dns:`)
  }
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) }
}
