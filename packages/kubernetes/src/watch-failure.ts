import { ApiError } from './api-error.ts'

/** Statuses of the API server that the operator of the cluster can change. */
const remedies: Readonly<Record<number, (resource: string) => string>> = {
  401: () => 'the credentials are read again for the next attempt',
  403: (resource) => `the client's account needs the verbs list and watch on ${resource}`,
}

/**
 * Text of a failed request for a resource, with its remedy.
 * @param resource such as `pods` or `tracingpolicies.cilium.io`
 */
export function watchFailure(resource: string, error: Error): string {
  const text = `watch ${resource} in the API server: ${error.message}`
  const remedy = error instanceof ApiError ? remedies[error.status]?.(resource) : undefined
  return remedy === undefined ? text : `${text}; ${remedy}`
}
