import { hostText, isLocal, type ListenAddress, parseAddress } from '@tetragon-ts/service/listen'
import { BadValue } from '@tetragon-ts/service/options'
import { UsageError } from '../usage-error.ts'

/** Parses the option --listen. @throws UsageError */
export function parseListen(text: string, hasTls: boolean): ListenAddress {
  const address = readAddress(text)
  if (address === undefined) {
    throw new UsageError(`parse --listen: "${text}" is neither HOST:PORT nor unix:///PATH`)
  }
  if (address.kind === 'unix') {
    if (!hasTls) return address
    throw new UsageError('--listen-tls-cert-file needs HOST:PORT in --listen: sockets have no TLS')
  }
  if (!isLocal(address) && !hasTls) {
    throw new UsageError(
      `parse --listen: ${hostText(address.host)} can be reached from other machines: ` +
        'add --listen-tls-cert-file and --listen-tls-key-file, or use 127.0.0.1 and ssh -L',
    )
  }
  return address
}

/** The host and the port must be given. */
function readAddress(text: string): ListenAddress | undefined {
  try {
    const address = parseAddress(text)
    return address.kind === 'unix' || /^[^/]+:\d+$/.test(text) ? address : undefined
  } catch (error) {
    if (error instanceof BadValue) return undefined
    throw error
  }
}
