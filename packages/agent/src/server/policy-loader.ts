import type { HookStatus } from '@tetragon-ts/api'
import type { PolicyDocument } from '@tetragon-ts/policy'

/** What the kernel holds of a policy. */
export interface LoadedState {
  readonly kernelMemoryBytes: number
  readonly hooks: readonly HookStatus[]
}

/** Puts policies into the kernel; names are unique there. Changes wait for each other. */
export interface PolicyLoader {
  /** @throws AgentError with all that is wrong */
  load(document: PolicyDocument): Promise<void>
  unload(name: string): Promise<void>
  /** Undefined for a policy that is not loaded. */
  state(name: string): LoadedState | undefined
  /** Policies that were loaded before anybody asked: those of files. */
  loadedAtStart(): readonly PolicyDocument[]
}
