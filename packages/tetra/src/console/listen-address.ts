import { UsageError } from '../usage-error.ts'

/** Where a console listens. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }

/** Addresses that only this machine can reach. */
const loopback = /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|localhost)$/
/** All addresses of the machine: browsers need another name. */
export const wildcard = /^(0\.0\.0\.0|\[::\])$/
const portMax = 65_535

/** Parses the option --listen. @throws UsageError */
export function parseListen(text: string, hasTls: boolean): ListenAddress {
  const [, path] = /^unix:(?:\/\/)?(\/[^/].*)$/.exec(text) ?? []
  if (path !== undefined && hasTls) {
    throw new UsageError('--listen-tls-cert-file needs HOST:PORT in --listen: sockets have no TLS')
  }
  if (path !== undefined) return { kind: 'unix', path }
  const [, host, port] = /^([^/]+):(\d{1,5})$/.exec(text) ?? []
  if (host === undefined || Number(port) > portMax) {
    throw new UsageError(`parse --listen: "${text}" is neither HOST:PORT nor unix:///PATH`)
  }
  if (!loopback.test(host) && !hasTls) {
    throw new UsageError(
      `parse --listen: ${host} can be reached from other machines: ` +
        'add --listen-tls-cert-file and --listen-tls-key-file, or use 127.0.0.1 and ssh -L',
    )
  }
  return { kind: 'tcp', host, port: Number(port) }
}
