import {
  type ClusterAddress,
  KubernetesError,
  clusterAddress as read,
} from '@tetragon-ts/kubernetes'
import { AgentError } from '../error.ts'

/**
 * The API server of a kubeconfig file, or that of the service account of the agent's pod.
 * @param kubeconfig empty: the service account
 * @throws AgentError AGENT_OPTION
 */
export function clusterAddress(kubeconfig: string, env: NodeJS.ProcessEnv): ClusterAddress {
  try {
    return read(kubeconfig, env)
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error
    const option = kubeconfig === '' ? '--enable-k8s-api' : '--k8s-kubeconfig-path'
    throw new AgentError('AGENT_OPTION', `${error.message}; see ${option}`, { cause: error })
  }
}
