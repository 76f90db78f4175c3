import type { PolicyDocument } from '@tetragon-ts/policy'
import { AgentError } from '../error.ts'
import type { Log } from '../log/log.ts'
import { KernelLoader } from '../policies/kernel/kernel-loader.ts'
import { PolicyRegistry } from '../policies/registry/policy-registry.ts'
import { PolicyStore } from '../policies/registry/policy-store.ts'
import { PolicyFiles } from '../policies/sources/policy-files.ts'
import type { PolicySource } from '../policies/sources/policy-source.ts'
import { RequestError } from '../request-error.ts'
import type { Agent } from './agent.ts'

/** The policies of an agent, and where those of files come from. */
export interface OpenedPolicies {
  readonly registry: PolicyRegistry
  readonly files: PolicySource
}

/**
 * The policies of an agent: those of files first, then those that were kept when it ended last.
 * @param paths files and folders with policies
 * @param atStart what these have
 * @param folder where policies are kept that clients add; undefined: they go with the agent
 * @throws AgentError, and other errors of the kernel, for a policy of a file
 */
export async function openPolicies(
  agent: Agent,
  paths: readonly string[],
  atStart: readonly PolicyDocument[],
  folder: string | undefined,
  log: Log,
): Promise<OpenedPolicies> {
  const store = folder === undefined ? undefined : openStore(folder)
  const registry = new PolicyRegistry(new KernelLoader(agent), store)
  const files = new PolicyFiles(paths, registry, atStart)
  await files.start().catch((error: Error) => {
    // The operator gets the error itself, not the answer to a client.
    throw error instanceof RequestError && error.cause instanceof Error ? error.cause : error
  })
  for (const failure of await registry.restore()) log.warning(`restore policies: ${failure}`)
  return { registry, files }
}

function openStore(folder: string): PolicyStore {
  try {
    return new PolicyStore(folder)
  } catch (cause) {
    const message = `keep policies in ${folder}: ${(cause as Error).message}`
    throw new AgentError('AGENT_SERVER', message, { cause })
  }
}
