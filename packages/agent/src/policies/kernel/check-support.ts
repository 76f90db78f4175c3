import { findUnsupported, type PolicyDocument } from '@tetragon-ts/policy'
import { PolicyError } from './policy-error.ts'

/**
 * Refuses policies that ask for what this release does not carry out. The compiler refuses them as
 * well; this needs no kernel, so that nothing is loaded for a policy that cannot work.
 * @param action what was asked for, such as `set mode of`; by default `add`
 * @throws PolicyError AGENT_POLICY for the first of them, with all that is not carried out
 */
export function checkSupport(documents: readonly PolicyDocument[], action?: string): void {
  for (const document of documents) {
    const unsupported = findUnsupported(document).filter(({ severity }) => severity === 'error')
    if (unsupported.length > 0) {
      throw new PolicyError(document.policy.name, unsupported, action)
    }
  }
}
