import { GrpcPolicies } from './grpc-policies.ts'
import { PolicyFiles } from './policy-files.ts'
import type { PolicySource } from './policy-source.ts'

/** Options of the sources. */
export interface SourceOptions {
  /** Files and folders with policies. */
  readonly paths: readonly string[]
  /** Folder that keeps the policies of gRPC clients; undefined: they end with the agent. */
  readonly grpcFolder: string | undefined
}

/** Is called for problems that do not end the agent. */
type Warn = (message: string) => void

/** All sources of policies, in start order. */
const sources = {
  files: ({ paths }) => new PolicyFiles(paths),
  grpc: ({ grpcFolder }, warn) => new GrpcPolicies(grpcFolder, warn),
} as const satisfies Record<string, (options: SourceOptions, warn: Warn) => PolicySource>

/** One of each source, by name. */
export type PolicySources = {
  readonly [Name in keyof typeof sources]: ReturnType<(typeof sources)[Name]>
}

/** Creates the sources; they add nothing before they are started. */
export function policySources(options: SourceOptions, warn: Warn): PolicySources {
  const made = Object.entries(sources).map(([name, make]) => [name, make(options, warn)] as const)
  return Object.fromEntries(made) as PolicySources
}
