import type { ProcessRecords, RecordContent } from '../records/process.ts'
import type { CgroupRate } from './cgroup-rate.ts'
import type { CgroupHierarchy } from './identity.ts'

/**
 * What the programs are written for: a kernel's hierarchy of control groups, and what is asked for.
 */
export interface SensorSetup {
  readonly hierarchy: CgroupHierarchy
  readonly content: RecordContent
  readonly records: ProcessRecords
  /** Bytes. */
  readonly ringSize: number
  /** Undefined: no limit. */
  readonly rate: CgroupRate | undefined
}
