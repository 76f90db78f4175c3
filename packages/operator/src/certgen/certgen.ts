import { type ApiClient, ApiError } from '@tetragon-ts/kubernetes'
import { retry } from '@tetragon-ts/service/retry'
import { type Authority, readAuthority } from '../certificates/authority.ts'
import { makeCertificate } from '../certificates/make-certificate.ts'
import { OperatorError } from '../error.ts'
import type { Log } from '../log.ts'
import type { CertgenSettings } from './certgen-options.ts'
import { readSecret, type Secret, writeSecret } from './secret.ts'

const conflict = 409
const attemptsMax = 10
/** Pauses after a race, in milliseconds. */
const pauses = { min: 100, max: 1000 }
/** Clocks of nodes may differ. */
const skewMs = 3_600_000

/** An attempt that another run has interrupted. */
const isRace = (error: Error): boolean => error instanceof ApiError && error.status === conflict

/**
 * Writes new certificates of the agents, and of clients on request, into Secrets that exist. Agents
 * load them when the kubelet has updated their volume.
 * @throws OperatorError OPERATOR_CERTIFICATE, ApiError, Error of the connection
 */
export async function generateCertificates(
  client: ApiClient,
  namespace: string,
  settings: CertgenSettings,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const again = (error: Error, failures: number) => isRace(error) && failures < attemptsMax
  await retry(() => writeOnce(client, namespace, settings, log, signal), { pauses, signal, again })
}

async function writeOnce(
  client: ApiClient,
  namespace: string,
  settings: CertgenSettings,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const authority = await provideAuthority(client, namespace, settings, log, signal)
  const { 'server-secret': server, 'client-secret': clients } = settings
  const names = settings['server-names']
  const write = async (name: string, use: 'server' | 'client'): Promise<void> => {
    const secret = await readSecret(client, namespace, name, signal)
    const commonName = use === 'server' ? 'tetragon' : 'tetragon-client'
    const pair = await makeCertificate(
      { commonName, use, names: use === 'server' ? names : [], ...period(settings.validity) },
      authority,
    )
    const { certificate, key } = pair
    const data = { 'tls.crt': certificate, 'tls.key': key, 'ca.crt': authority.bundle }
    await writeSecret(client, secret, data, signal)
    log.info(`wrote a certificate of ${use}s into Secret ${namespace}/${name}`)
  }
  await write(server, 'server')
  if (clients !== '') await write(clients, 'client')
}

function period(validityMs: number): { notBefore: Date; notAfter: Date } {
  const now = Date.now()
  return { notBefore: new Date(now - skewMs), notAfter: new Date(now + validityMs) }
}

/** The authority of the Secret; a new one if there is none or it ends too early. */
async function provideAuthority(
  client: ApiClient,
  namespace: string,
  settings: CertgenSettings,
  log: Log,
  signal: AbortSignal,
): Promise<Authority> {
  const name = settings['ca-secret']
  const secret = await readSecret(client, namespace, name, signal)
  const found = await authorityOf(secret, `${namespace}/${name}`)
  const until = Date.now() + settings.validity
  if (found !== undefined && expiry(found) >= until) return found
  if (!settings['generate-ca']) {
    if (found !== undefined && expiry(found) > Date.now()) {
      log.warning(`the authority of Secret ${namespace}/${name} expires before the certificates`)
      return found
    }
    const problem = found === undefined ? 'is empty' : 'has expired'
    const message = `use the authority of Secret ${namespace}/${name}: it ${problem}`
    throw new OperatorError('OPERATOR_CERTIFICATE', `${message}; fill it, or use --generate-ca`)
  }
  const lifetime = Math.max(settings['ca-validity'], settings.validity)
  const pair = await makeCertificate({
    commonName: 'Tetragon CA',
    names: [],
    use: 'authority',
    ...period(lifetime),
  })
  const data = { 'ca.crt': pair.certificate, 'ca.key': pair.key }
  await writeSecret(client, secret, data, signal)
  log.info(`wrote a new authority into Secret ${namespace}/${name}`)
  return readAuthority(pair.certificate, pair.key)
}

/** @throws OperatorError OPERATOR_CERTIFICATE if it cannot be used */
async function authorityOf({ data }: Secret, name: string): Promise<Authority | undefined> {
  const { 'ca.crt': certificate, 'ca.key': key } = data
  if (certificate === undefined && key === undefined) return undefined
  try {
    return await readAuthority(certificate ?? '', key ?? '')
  } catch (cause) {
    const message = `use the authority of Secret ${name}: ${(cause as Error).message}`
    throw new OperatorError('OPERATOR_CERTIFICATE', message, { cause })
  }
}

function expiry({ certificate }: Authority): number {
  return Date.parse(certificate.validTo)
}
