import type { ObjectMemory } from '../kernel-objects.ts'

/** Begins the line with the results. */
export const memoryMarker = 'memory results: '

/** What BPF objects of a machine held while two policies were added, one after the other. */
export interface MemorySteps {
  readonly paths: readonly string[]
  readonly before: ObjectMemory
  readonly started: ObjectMemory
  readonly added: ObjectMemory[]
}
