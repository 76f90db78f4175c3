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
