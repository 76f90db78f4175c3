import type { NamedPolicy } from '../../../policies/registry/policy-control.ts'
import { RequestError } from '../../../request-error.ts'

/** Fields of requests about one policy. */
export interface IdFields {
  readonly name?: string
  readonly namespace?: string
  readonly domain?: string
}

/** The policy of a request. @throws RequestError if it has no name */
export function named({ name = '', namespace = '', domain }: IdFields): NamedPolicy {
  if (name === '') throw new RequestError('invalid', 'find policy: the request has no name')
  return { name, namespace, domain: domain || undefined }
}
