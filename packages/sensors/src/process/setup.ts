import type { ProcessRecords, RecordContent } from '../records/process.ts'
import type { CgroupRate } from './cgroup-rate.ts'
import type { CgroupHierarchy } from './identity.ts'

/** Parameters of the programs: the kernel's cgroup hierarchy, and the options. */
export interface SensorSetup {
  readonly hierarchy: CgroupHierarchy
  readonly content: RecordContent
  readonly records: ProcessRecords
  /** Bytes. */
  readonly ringSize: number
  /** Whether process filters decide which events leave the kernel. */
  readonly filters: boolean
  /** Undefined: no limit. */
  readonly rate: CgroupRate | undefined
}
