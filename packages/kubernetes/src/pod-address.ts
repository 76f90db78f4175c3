import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bearer, type ClusterAddress } from './api-address.ts'

const account = '/var/run/secrets/kubernetes.io/serviceaccount'

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
