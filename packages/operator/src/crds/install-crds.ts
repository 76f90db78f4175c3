import { type ApiClient, ApiError } from '@tetragon-ts/kubernetes'
import type { Crd } from '@tetragon-ts/policy/crds'
import { OperatorError } from '../error.ts'
import { type CrdPlan, crdPath, planCrd } from './crd-plan.ts'

/** The API server only checks the request. */
const dryRun = '?dryRun=All'
const notFound = 404

/**
 * Installs CRDs that are missing, and upgrades older ones. Nothing is deleted. All requests are
 * checked by the API server before the first one is made, so that an error changes nothing.
 * @param force also replaces schemas that are not older
 * @returns what was done
 * @throws OperatorError OPERATOR_CRD, Error of the connection
 */
export async function installCrds(
  client: ApiClient,
  crds: readonly Crd[],
  force: boolean,
  signal: AbortSignal,
): Promise<CrdPlan[]> {
  const plans: CrdPlan[] = []
  for (const crd of crds) {
    plans.push(planCrd(crd, await installedCrd(client, crd.metadata.name, signal), force))
  }
  for (const query of [dryRun, '']) {
    for (const plan of plans) await apply(client, plan, query, signal)
  }
  return plans
}

async function installedCrd(client: ApiClient, name: string, signal: AbortSignal) {
  try {
    return await client.get(`${crdPath}/${name}`, signal)
  } catch (error) {
    if (error instanceof ApiError && error.status === notFound) return undefined
    throw refused('read', name, error)
  }
}

async function apply(
  client: ApiClient,
  plan: CrdPlan,
  query: string,
  signal: AbortSignal,
): Promise<void> {
  if (plan.action === 'keep') return
  const { action, name, body } = plan
  try {
    if (action === 'create') await client.create(crdPath + query, body, signal)
    else await client.update(`${crdPath}/${name}${query}`, body, signal)
  } catch (error) {
    throw refused(action, name, error)
  }
}

/** Errors of the connection stay as they are. */
function refused(action: string, name: string, error: unknown): unknown {
  if (!(error instanceof ApiError)) return error
  const message = `${action} CRD ${name}: ${error.message}`
  return new OperatorError('OPERATOR_CRD', message, { cause: error })
}
