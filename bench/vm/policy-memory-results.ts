import type { ObjectMemory } from '../kernel-objects.ts'

/** Prefix of the line with the results. */
export const memoryMarker = 'memory results: '

/** Memory of a machine's BPF objects while two policies were added, one after the other. */
export interface MemorySteps {
  readonly paths: readonly string[]
  readonly before: ObjectMemory
  readonly started: ObjectMemory
  readonly added: ObjectMemory[]
}
