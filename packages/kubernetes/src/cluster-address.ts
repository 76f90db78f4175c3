import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { KubernetesError } from './error.ts'
import { bearer, contextAddress } from './kubeconfig/context-address.ts'
import { Kubeconfig } from './kubeconfig/kubeconfig.ts'

/** Options of a TLS connection to an API server. */
export interface ClusterTls {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly servername?: string | undefined
  readonly rejectUnauthorized?: boolean
}

/** Address and credentials of an API server. Files are read again each time: they are rotated. */
export interface ClusterAddress {
  readonly url: URL
  /** Gets new credentials if the current ones have expired; to be awaited before the others. */
  renew?(): Promise<void>
  /** The API server refused the credentials (401). */
  refused?(): void
  /** @throws Error of the file system */
  tls(): ClusterTls
  /** Value of the header `authorization`. @throws Error of the file system */
  authorization(): string | undefined
  /** Namespace of the own pod, or of the context of a kubeconfig file. */
  readonly namespace?: string | undefined
}

const account = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * The API server of the current context of a kubeconfig file; without a file, that of the service
 * account of the own pod.
 * @throws KubernetesError KUBERNETES_ADDRESS
 */
export function clusterAddress(kubeconfig: string, env: NodeJS.ProcessEnv): ClusterAddress {
  try {
    const address = kubeconfig === '' ? podAddress(env) : fileAddress(kubeconfig)
    // Fails now if a file is missing.
    address.tls()
    return address
  } catch (error) {
    const source = kubeconfig === '' ? 'service account' : kubeconfig
    const message = `find the API server (${source}): ${(error as Error).message}`
    throw new KubernetesError('KUBERNETES_ADDRESS', message, { cause: error })
  }
}

/** A daemon runs no commands that a file names. */
function fileAddress(path: string): ClusterAddress {
  const context = new Kubeconfig([path]).context()
  if (context.user.has('exec')) throw new Error('users of kind exec are not supported')
  return contextAddress(context)
}

/** That of the service account of the own pod. @throws Error outside of pods */
export function podAddress(env: NodeJS.ProcessEnv): ClusterAddress {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env
  if (!host) {
    throw new Error(
      'KUBERNETES_SERVICE_HOST is not set; outside of pods a kubeconfig file is needed',
    )
  }
  const token = join(account, 'token')
  return {
    url: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`),
    tls: () => ({ ca: readFileSync(join(account, 'ca.crt'), 'utf8') }),
    authorization: () => bearer(readFileSync(token, 'utf8')),
    namespace: ownNamespace(),
  }
}

/** Not every way to mount a token includes the namespace. */
function ownNamespace(): string | undefined {
  try {
    return readFileSync(join(account, 'namespace'), 'utf8').trim()
  } catch {
    return undefined
  }
}
