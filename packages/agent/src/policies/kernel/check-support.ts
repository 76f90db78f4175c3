import { type Abilities, findUnsupported, type PolicyDocument } from '@tetragon-ts/policy'
import { PolicyError } from './policy-error.ts'

/**
 * Refuses policies that need unimplemented features. The compiler refuses them too; this check
 * needs no kernel, so nothing is loaded for such a policy.
 * @param abilities options of the agent
 * @param action for errors, such as `set mode of`; by default `add`
 * @throws PolicyError AGENT_POLICY for the first such policy, with all unimplemented features
 */
export function checkSupport(
  documents: readonly PolicyDocument[],
  abilities: Abilities,
  action?: string,
): void {
  for (const document of documents) {
    const unsupported = findUnsupported(document, abilities).filter(
      ({ severity }) => severity === 'error',
    )
    if (unsupported.length > 0) {
      throw new PolicyError(document.policy.name, unsupported, action)
    }
  }
}
