import { escapeUnprintable, type TracingPolicyStatus } from '@tetragon-ts/api'

/** Hooks that are shown one by one. */
const shownMax = 10

/**
 * Lines about the hooks of a policy: each with its back end, and with what that may miss.
 * @param domain empty: that of gRPC clients
 */
export function hookLines(
  policies: readonly TracingPolicyStatus[],
  name: string,
  domain: string,
): string[] {
  const policy = policies.find(
    (each) => each.name === name && each.domain === (domain === '' ? 'grpc' : domain),
  )
  const hooks = policy?.hook_statuses ?? []
  const lines = hooks
    .slice(0, shownMax)
    .map(({ hook_description = '' }) => `  ${escapeUnprintable(hook_description)}`)
  const more = hooks.length - lines.length
  return more > 0 ? [...lines, `  … and ${more} more`] : lines
}
