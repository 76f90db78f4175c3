import { readFile } from 'node:fs/promises'
import type { SecureContextOptions } from 'node:tls'
import { BadValue, text } from '@tetragon-ts/service/options'

/** Parameters of outputs over TLS. */
export const tlsParameters = {
  'ca-file': text({ value: 'FILE', help: 'trust only certificates of these authorities' }),
  'cert-file': text({ value: 'FILE', help: 'the certificate of the agent' }),
  'key-file': text({ value: 'FILE', help: 'its private key' }),
}

/** Values of these parameters. */
export interface TlsValues {
  readonly 'ca-file': string
  readonly 'cert-file': string
  readonly 'key-file': string
}

/**
 * Refuses parameters that have no effect, and a certificate without its key.
 * @throws BadValue
 */
export function checkTls(values: TlsValues, isTls: boolean): void {
  const given = (['ca-file', 'cert-file', 'key-file'] as const).find((name) => values[name] !== '')
  if (!isTls && given !== undefined) throw new BadValue(`${given} has no effect without TLS`)
  if ((values['cert-file'] === '') !== (values['key-file'] === '')) {
    throw new BadValue('cert-file and key-file need each other')
  }
}

/**
 * The content of the files. It is read for each connection, so that renewed certificates count.
 * @throws BadValue
 */
export async function readTlsFiles(values: TlsValues): Promise<SecureContextOptions> {
  const read = async (path: string): Promise<Buffer | undefined> => {
    return path === '' ? undefined : await readParameterFile(path)
  }
  return {
    ca: await read(values['ca-file']),
    cert: await read(values['cert-file']),
    key: await read(values['key-file']),
    minVersion: 'TLSv1.2',
  }
}

/** Reads a file of a parameter. @throws BadValue */
export async function readParameterFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new BadValue(`read file: ${(cause as Error).message}`)
  }
}
