import type { Cluster } from './cluster.ts'

interface Pod {
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly deletionTimestamp?: string
  }
  readonly status: {
    readonly containerStatuses?: readonly { readonly state: { readonly running?: object } }[]
  }
}

/**
 * Removes pods that are being deleted and whose containers have ended. The kubelet of 1.20 does so
 * only once a minute if the containers of a pod did not end at the same time.
 * @returns how many pods are being deleted
 */
export async function removeEndedPods(cluster: Cluster): Promise<number> {
  const list = await cluster.kubectl('get', 'pods', '--all-namespaces', '-o', 'json')
  const { items } = JSON.parse(list) as { readonly items: readonly Pod[] }
  const deleted = items.filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
  const ended = deleted.filter(({ status: { containerStatuses = [] } }) => {
    return containerStatuses.every(({ state }) => state.running === undefined)
  })
  for (const namespace of new Set(ended.map(({ metadata }) => metadata.namespace))) {
    const names = ended
      .filter(({ metadata }) => metadata.namespace === namespace)
      .map(({ metadata }) => metadata.name)
    const options = ['--namespace', namespace, '--ignore-not-found', '--force', '--grace-period=0']
    await cluster.tryKubectl(['delete', 'pod', ...names, ...options])
  }
  return deleted.length
}
