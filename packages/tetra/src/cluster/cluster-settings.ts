import { type ClusterAddress, userAddress } from '@tetragon-ts/kubernetes'
import type { ValuesOf } from '@tetragon-ts/service/options'
import { UsageError } from '../usage-error.ts'
import { clusterOptions } from './cluster-options.ts'

/** Where the agents of a cluster are. */
export interface ClusterSettings {
  readonly address: ClusterAddress
  /** Namespace of the pods of the agents. */
  readonly namespace: string
  /** Label selector of these pods. */
  readonly selector: string
  /** Address of the agent in its pod; undefined: the one that it has written there. */
  readonly agentAddress: string | undefined
}

const dependent = ['kubeconfig', 'context', 'agent-namespace', 'agent-selector'] as const

type Values = ValuesOf<typeof clusterOptions> & { readonly 'server-address': string }

/**
 * Reads the options of a cluster; undefined without --cluster.
 * @throws UsageError, KubernetesError KUBERNETES_ADDRESS
 */
export function clusterSettings(values: Values): ClusterSettings | undefined {
  if (!values.cluster) {
    const given = dependent.find((name) => values[name] !== clusterOptions[name].default)
    if (given !== undefined) throw new UsageError(`--${given} needs --cluster`)
    return undefined
  }
  const { kubeconfig, context } = values
  return {
    address: userAddress({ kubeconfig, context }, process.env),
    namespace: values['agent-namespace'],
    selector: values['agent-selector'],
    agentAddress: values['server-address'] || undefined,
  }
}
