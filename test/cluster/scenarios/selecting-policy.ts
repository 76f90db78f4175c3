import type { Cluster } from '../cluster.ts'
import { inSystem } from '../installation.ts'

/** Pods that the policies of the scenarios select. */
export const selectedLabels = { watched: 'yes' } as const

/** A policy that posts changes to folders below /none in the selected pods. */
export function selectingPolicy(name: string): object {
  const hook = {
    call: 'sys_chdir',
    syscall: true,
    args: [{ index: 0, type: 'string' }],
    selectors: [{ matchArgs: [{ index: 0, operator: 'Prefix', values: ['/none/'] }] }],
  }
  return {
    apiVersion: 'cilium.io/v1alpha1',
    kind: 'TracingPolicy',
    metadata: { name },
    spec: { podSelector: { matchLabels: selectedLabels }, kprobes: [hook] },
  }
}

interface PolicyStatus {
  readonly name: string
  readonly state: string
}

/** States of the policies of the agent, by name; undefined while it does not answer. */
export async function policyStates(cluster: Cluster): Promise<Map<string, string> | undefined> {
  const tetra = ['tetra', 'tracingpolicy', 'list', '-o', 'json']
  const command = ['exec', ...inSystem, 'ds/tetragon', '-c', 'tetragon', '--', ...tetra]
  const { exitCode, stdout } = await cluster.tryKubectl(command)
  if (exitCode !== 0) return undefined
  const { policies = [] } = JSON.parse(stdout) as { readonly policies?: readonly PolicyStatus[] }
  return new Map(policies.map(({ name, state }) => [name, state.replace('TP_STATE_', '')]))
}

/** Waits until the agent has exactly these policies, and all are enabled. */
export async function waitForPolicies(cluster: Cluster, names: readonly string[]): Promise<void> {
  const wanted = names
    .map((name) => `${name} ENABLED`)
    .sort()
    .join()
  await cluster.waitFor(`policies ${names.join()} are enabled`, async () => {
    const states = await policyStates(cluster)
    const found = [...(states ?? [])].map((each) => each.join(' '))
    return states !== undefined && found.sort().join() === wanted
  })
}
