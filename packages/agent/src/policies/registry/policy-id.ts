import type { PolicyDocument } from '@tetragon-ts/policy'
import type { PolicyId } from './policy-control.ts'

/** The id of a policy in a domain. */
export function idOf({ policy: { name, namespace } }: PolicyDocument, domain: string): PolicyId {
  return { name, namespace, domain }
}

/** Equal texts for equal ids. */
export function keyOf({ name, namespace, domain }: PolicyId): string {
  return JSON.stringify([domain, namespace, name])
}

/** Text for messages. */
export function describe({ name, namespace, domain }: PolicyId): string {
  const where = namespace === '' ? '' : ` in namespace ${namespace}`
  return `policy ${name}${where} of domain ${domain}`
}
