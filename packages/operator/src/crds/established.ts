import { setTimeout as sleep } from 'node:timers/promises'
import { type ApiClient, fields, list, text } from '@tetragon-ts/kubernetes'
import { OperatorError } from '../error.ts'
import { crdPath } from './crd-plan.ts'

/** Milliseconds between two requests, and until a CRD must be established. */
export interface EstablishMs {
  readonly poll: number
  readonly limit: number
}

const defaults: EstablishMs = { poll: 250, limit: 60_000 }

/**
 * Waits until the API server serves the kinds of these CRDs.
 * @throws OperatorError OPERATOR_CRD, ApiError, Error of the connection
 */
export async function waitUntilEstablished(
  client: ApiClient,
  names: readonly string[],
  signal: AbortSignal,
  { poll, limit }: EstablishMs = defaults,
): Promise<void> {
  const deadline = performance.now() + limit
  for (const name of names) {
    while (!isEstablished(name, await client.get(`${crdPath}/${name}`, signal))) {
      if (performance.now() > deadline) {
        throw new OperatorError('OPERATOR_CRD', `wait for CRD ${name}: not established in time`)
      }
      await sleep(poll, undefined, { signal })
    }
  }
}

function isEstablished(name: string, crd: unknown): boolean {
  const conditions = list(fields(fields(crd).status).conditions).map(fields)
  const has = (type: string, status: string) =>
    conditions.find((each) => each.type === type && each.status === status)
  const conflict = has('NamesAccepted', 'False')
  if (conflict !== undefined) {
    const message = `install CRD ${name}: names are in use: ${text(conflict.message)}`
    throw new OperatorError('OPERATOR_CRD', message)
  }
  return has('Established', 'True') !== undefined
}
