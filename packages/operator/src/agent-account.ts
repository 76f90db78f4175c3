import { BadValue } from '@tetragon-ts/service/options'

/** The service account of the agents. */
export interface AgentAccount {
  readonly namespace: string
  readonly name: string
}

const form = /^([a-z0-9-]{1,63})\/([a-z0-9.-]{1,253})$/

/** Parses `NAMESPACE/NAME`. @returns undefined for an empty text @throws BadValue */
export function agentAccount(given: string): AgentAccount | undefined {
  if (given === '') return undefined
  const [, namespace, name] = form.exec(given) ?? []
  if (namespace === undefined || name === undefined) {
    throw new BadValue(`invalid account "${given}" (expected NAMESPACE/NAME)`)
  }
  return { namespace, name }
}

/** The path and the query of the agents' pods in the API. */
export function agentPods({ namespace, name }: AgentAccount): readonly [string, string] {
  const selector = `fieldSelector=${encodeURIComponent(`spec.serviceAccountName=${name}`)}`
  return [`/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`, selector]
}

/** Folder in the API of objects that agents write; they are in the namespace of the agents. */
export function agentFolder({ namespace }: AgentAccount, { plural }: { plural: string }): string {
  return `/apis/cilium.io/v1alpha1/namespaces/${encodeURIComponent(namespace)}/${plural}`
}
