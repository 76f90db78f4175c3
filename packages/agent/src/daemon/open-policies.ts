import { AgentError } from '../error.ts'
import type { Log } from '../log/log.ts'
import { KernelLoader } from '../policies/kernel/kernel-loader.ts'
import { PolicyRegistry } from '../policies/registry/policy-registry.ts'
import { PolicyStore } from '../policies/registry/policy-store.ts'
import type { Agent } from './agent.ts'

/**
 * The policies of an agent, those included that were kept before it started.
 * @param folder where policies are kept that clients add; undefined: they go with the agent
 * @throws AgentError AGENT_SERVER
 */
export async function openPolicies(
  agent: Agent,
  folder: string | undefined,
  log: Log,
): Promise<PolicyRegistry> {
  const store = folder === undefined ? undefined : openStore(folder)
  const policies = new PolicyRegistry(new KernelLoader(agent), store)
  for (const failure of await policies.restore()) log.warning(`restore policies: ${failure}`)
  return policies
}

function openStore(folder: string): PolicyStore {
  try {
    return new PolicyStore(folder)
  } catch (cause) {
    const message = `keep policies in ${folder}: ${(cause as Error).message}`
    throw new AgentError('AGENT_SERVER', message, { cause })
  }
}
