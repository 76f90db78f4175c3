import type { Process } from '@tetragon-ts/api'
import type { Scan } from './scanner.ts'

/**
 * What a rule set has found out about a process. To be kept with the process, and passed again for
 * each of its events and those of its descendants.
 */
export interface ProcessFacts extends Scan {
  readonly process: Process
}
