import type { Abilities } from '@tetragon-ts/policy'
import type { NodeWatch } from '../../kubernetes/node-watch.ts'
import type { RuleObjects } from '../../rules/rule-control.ts'
import { GrpcPolicies } from './grpc-policies.ts'
import {
  KubernetesPolicies,
  type KubernetesPolicyOptions,
} from './kubernetes/kubernetes-policies.ts'
import { PolicyFiles } from './policy-files.ts'
import type { PolicySource, SourceLog } from './policy-source.ts'
import { RulePolicies } from './rule-policies.ts'

/** Options of the sources. */
export interface SourceOptions {
  /** Files and folders with policies. */
  readonly paths: readonly string[]
  /** Whether the agent starts without policies of files that cannot be loaded. */
  readonly toleratesErrors: boolean
  /** Folder that keeps the policies of gRPC clients; undefined: they end with the agent. */
  readonly grpcFolder: string | undefined
  /** Undefined: policies in the API server are not watched. */
  readonly kubernetes: KubernetesPolicyOptions | undefined
  /** Options that policies may require. */
  readonly abilities: Abilities
}

type MakeSource = (
  options: SourceOptions,
  log: SourceLog,
  node: NodeWatch | undefined,
  rules: RuleObjects,
) => PolicySource | undefined

/** All sources of policies, in start order; undefined without its options. */
const sources = {
  files: ({ paths, abilities, toleratesErrors }, log) => {
    return new PolicyFiles(paths, abilities, toleratesErrors ? log : undefined)
  },
  grpc: ({ grpcFolder }, log) => new GrpcPolicies(grpcFolder, (message) => log.warning(message)),
  kubernetes: ({ kubernetes }, log, node, rules) =>
    kubernetes && node && new KubernetesPolicies(kubernetes, node, rules, log),
  rules: () => new RulePolicies(),
} as const satisfies Record<string, MakeSource>

/** One of each source, by name. */
export type PolicySources = {
  readonly [Name in keyof typeof sources]: ReturnType<(typeof sources)[Name]>
}

/**
 * Creates the sources; they add nothing before they are started.
 * @param node undefined: the API server is not watched
 * @param rules gets the detection rules of the API server
 */
export function policySources(
  options: SourceOptions,
  log: SourceLog,
  node: NodeWatch | undefined,
  rules: RuleObjects,
): PolicySources {
  const made = Object.entries<MakeSource>(sources).map(([name, make]) => [
    name,
    make(options, log, node, rules),
  ])
  return Object.fromEntries(made) as PolicySources
}
