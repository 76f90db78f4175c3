import { fileURLToPath } from 'node:url'
import { median } from './figures.ts'

/** Prefix of the line with the results. */
export const policyMarker = 'policy results: '

const folder = new URL('../../policies/', import.meta.url)

const inLibrary = (name: string): string => fileURLToPath(new URL(name, folder))

/** The policies of the comparison with the original: operations are measured with each. */
export const policyFiles = ['file/follow-etc.yaml', 'network/tcp-connections.yaml'].map(inLibrary)

/** Further policies, which are only loaded. */
export const furtherFiles = [
  'file/sensitive-reads.yaml',
  'network/listening.yaml',
  'process/exec-from-writable-folders.yaml',
  'privilege/namespaces.yaml',
  'containers/mounts.yaml',
].map(inLibrary)

/** Operations: arguments of the workload hook-loop. */
export const loops = [
  { name: 'open', args: ['open', '/etc/hosts'] },
  { name: 'open in namespace', args: ['open', '/etc/hosts', 'in-namespace'] },
  { name: 'open elsewhere in namespace', args: ['open', '/usr/lib/os-release', 'in-namespace'] },
  { name: 'write of a followed file', args: ['write', '/etc/opt/tetragon-bench', 'in-namespace'] },
  { name: 'connect', args: ['connect'] },
  { name: 'send', args: ['send'] },
] as const

export interface Cost {
  readonly wallUs: number
  readonly cpuUs: number
}

export interface PolicyLoad {
  readonly ms: number
  /** Kernel memory of the policy's own maps. */
  readonly mapBytes: number
  readonly programs: readonly {
    readonly name: string
    readonly instructions: number
    readonly verifiedInstructions: number
  }[]
  readonly backends: readonly string[]
}

export interface PolicyResults {
  readonly plain: Record<string, Cost>[]
  readonly policies: {
    readonly path: string
    readonly loads: PolicyLoad[]
    readonly rounds: Record<string, Cost>[]
  }[]
}

/** Parses the results from the output of the script. */
export function parsePolicyResults(output: string): PolicyResults {
  const line = output.split('\n').find((text) => text.startsWith(policyMarker))
  if (line === undefined) throw new Error(`measure policies: no results: ${output}`)
  return JSON.parse(line.slice(policyMarker.length)) as PolicyResults
}

/** CPU time that a policy adds to an operation, in microseconds: medians of all rounds. */
export function added(
  results: PolicyResults,
  policy: PolicyResults['policies'][number],
  operation: string,
): number {
  const of = (rounds: readonly Record<string, Cost>[]): number =>
    median(rounds.map((round) => round[operation].cpuUs))
  return of(policy.rounds) - of(results.plain)
}
