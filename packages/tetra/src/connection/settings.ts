import { readFileSync } from 'node:fs'
import type { ValuesOf } from '@tetragon-ts/service/options'
import { UsageError } from '../usage-error.ts'
import { addressIn, agentInfo } from './agent-info.ts'
import { defaultAddress } from './connection-error.ts'
import type { connectionOptions } from './connection-options.ts'

const defaultPort = 54321

/** TLS for the connection. */
export interface TlsSettings {
  readonly ca: readonly Buffer[]
  readonly certificate?: Buffer
  readonly key?: Buffer
  readonly serverName: string
  readonly verify: boolean
}

/** Settings of a connection. */
export interface ConnectionSettings {
  /** `unix:///path` or `host:port`. */
  readonly address: string
  /** Milliseconds. */
  readonly timeout: number
  readonly retries: number
  readonly maxReceive: number
  readonly tls: TlsSettings | undefined
}

function read(option: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new UsageError(`parse --${option}: ${(error as Error).message}`)
  }
}

/** The address written by the agent of this machine, or the default. */
function addressOfAgent(): string {
  return addressIn(agentInfo()) || defaultAddress
}

function normalize(address: string): string {
  if (address.startsWith('unix:')) return address
  if (address.startsWith('/')) return `unix://${address}`
  return /:\d+$/.test(address) ? address : `${address}:${defaultPort}`
}

/** Reads the options of a connection. @throws UsageError */
export function connectionSettings(values: ValuesOf<typeof connectionOptions>): ConnectionSettings {
  const address = normalize(values['server-address'] || addressOfAgent())
  if (values.debug) process.stderr.write(`tetra: the agent's address is ${address}\n`)
  return {
    address,
    timeout: values.timeout,
    retries: values.retries,
    maxReceive: values['max-recv-size'],
    tls: tlsSettings(values),
  }
}

function tlsSettings(values: ValuesOf<typeof connectionOptions>): TlsSettings | undefined {
  const certificate = values['tls-cert-file']
  const key = values['tls-key-file']
  const cas = values['tls-ca-cert-files']
  if ((certificate === '') !== (key === '')) {
    throw new UsageError('--tls-cert-file and --tls-key-file must be given together')
  }
  const verify = !values['tls-skip-verify']
  if (certificate === '' && cas.length === 0 && verify && values['tls-server-name'] === '') {
    return undefined
  }
  return {
    ca: cas.map((path) => read('tls-ca-cert-files', path)),
    certificate: certificate === '' ? undefined : read('tls-cert-file', certificate),
    key: key === '' ? undefined : read('tls-key-file', key),
    serverName: values['tls-server-name'],
    verify,
  }
}
