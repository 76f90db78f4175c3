/** Prefix of the line with the results. */
export const enforcementMarker = 'enforcement results: '

/** Nanoseconds of CPU time of an operation: instructions, if the machine counts them. */
export interface Operations {
  readonly open: number
  readonly exec: number
}

export interface EnforcementResults {
  readonly without: Operations[]
  /** By the name of the policy. */
  readonly policies: Record<string, Operations[]>
}

/** Number of values of each policy. */
export const size = 1000

function listed(paths: readonly string[]): string {
  const others = Array.from(
    { length: size - paths.length },
    (_, i) => `/opt/vendor/application/bin/program-${i}`,
  )
  return JSON.stringify([...paths, ...others])
}

const policyOf = (hook: string, argument: string, selector: string) => `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: bench}
spec:
  lsmhooks:
  - hook: ${hook}
    args: [{index: 0, type: ${argument}}]
    selectors:
    - ${selector}
      matchActions: [{action: Override, argError: -1}]
`

/**
 * Policies with a thousand values each.
 * @param programs that must be able to run
 * @param files that exist
 */
export function policyTexts(
  programs: readonly string[],
  files: readonly string[],
): Record<string, string> {
  const some = listed([])
  const allowed = listed(programs)
  const inodes = JSON.stringify(files.map((path) => `inode:${path}`))
  return {
    'open: 1,000 forbidden files': policyOf(
      ...([
        'file_open',
        'file',
        `matchArgs: [{index: 0, operator: Equal, values: ${some}}]`,
      ] as const),
    ),
    'open: 1,000 forbidden files, by identity': policyOf(
      ...([
        'file_open',
        'file',
        `matchArgs: [{index: 0, operator: Equal, values: ${inodes}}]`,
      ] as const),
    ),
    'open: only 1,000 programs may': policyOf(
      ...(['file_open', 'file', `matchBinaries: [{operator: NotIn, values: ${allowed}}]`] as const),
    ),
    'exec: only 1,000 programs may start': policyOf(
      ...(['bprm_check_security', 'linux_binprm'] as const),
      `matchArgs: [{index: 0, operator: NotEqual, values: ${allowed}}]`,
    ),
  }
}
