import type { Bytes, Code, SourcePosition } from '@tetragon-ts/ebpf/lang'
import type { MapSpec, OpenMap } from '@tetragon-ts/ebpf/maps'
import type { Policy, PolicyDocument } from '@tetragon-ts/policy'
import type { LossKind } from '../kernel/maps.ts'
import type { HostNamespaces } from './matchers/host-namespaces.ts'
import type { WorkloadSets } from './matchers/workloads.ts'
import type { ProcessSets } from './process-sets/process-set.ts'

/** A map of a policy, with how it gets what it holds from the beginning. */
export interface FilledMap {
  readonly spec: MapSpec
  fill(map: OpenMap<unknown, unknown>): void
}

/** A map that holds these entries before the program runs. */
export function filledMap<K, V>(
  spec: MapSpec<K, V>,
  entries: readonly (readonly [K, V])[],
): FilledMap {
  return { spec: spec as MapSpec, fill: (map) => map.updateAll(entries) }
}

/** What the code of one program of a policy is built with. */
export interface HookContext {
  readonly k: Code
  readonly policy: Policy
  readonly document: PolicyDocument
  readonly policyId: number
  readonly hookId: number
  /** Whether the policy has a FollowFD action: then descriptors mean what it follows. */
  readonly followsFiles: boolean
  /** Whether the policy tracks sockets: then events of a socket are its owner's. */
  readonly tracksSocks: boolean
  readonly hostNamespace: HostNamespaces
  /** Bytes of the ring that records go to. */
  readonly ringSize: number
  readonly processSets: ProcessSets
  readonly workloads: WorkloadSets
  /**
   * A piece of the program's scratch memory.
   * @param shared all that ask with this name get the same piece: for what is used up at once
   */
  scratch(size: number, shared?: string): Bytes
  /** Declares a map with its entries, which are there before the program runs. */
  map<K, V>(spec: MapSpec<K, V>, entries: readonly (readonly [K, V])[]): MapSpec<K, V>
  countLoss(kind: LossKind): void
  /** Gives the code of `body` the position of this path of the spec. */
  at<T>(path: string, body: () => T): T
}

/** Position of a part of a policy, for line info and verifier errors. */
export function policyPosition(document: PolicyDocument, path: string): SourcePosition {
  const { line, column } = document.position(path)
  return { file: document.file, line, column, text: path }
}
