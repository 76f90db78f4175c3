import type { Hook, PolicyOptions, Selector } from '@tetragon-ts/policy'

/** Conditions of selectors on the current process. */
const conditions = {
  pids: 'matchPIDs',
  binaries: 'matchBinaries',
  parentBinaries: 'matchParentBinaries',
  namespaces: 'matchNamespaces',
  namespaceChanges: 'matchNamespaceChanges',
  capabilities: 'matchCapabilities',
  capabilityChanges: 'matchCapabilityChanges',
} as const satisfies Partial<Record<keyof Selector, string>>

/** What a hook tests or does with the current process, as it is named in policies. */
export function partsAboutProcess(
  { data, selectors }: Hook,
  { processLimit }: Pick<PolicyOptions, 'processLimit'>,
): readonly string[] {
  const names = Object.keys(conditions) as (keyof typeof conditions)[]
  const used = names.filter((name) => selectors.some((selector) => selector[name].length > 0))
  const actions = selectors.flatMap((selector) => selector.actions)
  return [
    ...used.map((name) => conditions[name]),
    ...(data.length > 0 ? ['data'] : []),
    ...(actions.some(({ action }) => action === 'TrackSock') ? ['TrackSock'] : []),
    ...(processLimit !== undefined ? ['process-limit'] : []),
  ]
}
