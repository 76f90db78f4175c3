import type { ClusterAddress } from './api-address.ts'
import { KubernetesError } from './error.ts'
import { contextAddress } from './kubeconfig/context-address.ts'
import { Kubeconfig } from './kubeconfig/kubeconfig.ts'
import { podAddress } from './pod-address.ts'

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
