import type { ProgramKind } from '@tetragon-ts/compiler'
import type { Btf } from '@tetragon-ts/ebpf/btf'
import type { OpenMaps } from '@tetragon-ts/ebpf/open-maps'
import type { PinFolder } from '@tetragon-ts/ebpf/sys'
import type { Abilities } from '@tetragon-ts/policy'
import type { CgroupHierarchy, ProcessWalk } from '@tetragon-ts/sensors/process'
import type { ReaderThread } from '../../reader/reader-thread.ts'
import type { FilteringSensor } from './filter-switch.ts'

/** What the policies of an agent need. */
export interface PoliciesOptions {
  readonly btf: Btf
  readonly reader: ReaderThread
  /** Maps of the process sensor that policy programs use. */
  readonly shared: OpenMaps
  /** Holds back process events. */
  readonly sensor: FilteringSensor
  /** Finds the running processes. */
  readonly walk: ProcessWalk
  /** Maximum number of calls that wait for their return. */
  readonly callsMax: number
  /** Of the containers' control groups. */
  readonly hierarchy: CgroupHierarchy
  /** Options of the agent that policies may require. */
  readonly abilities: Abilities
  /** Paths of executables that enforcing actions spare. */
  readonly guarded: readonly string[]
  /** Leads to the root of the host, which has them. */
  readonly procfs: string
  /** Keeps programs attached when the agent ends. */
  readonly pins?: PinFolder | undefined
  /** Disabled back ends. */
  readonly switchedOff: readonly ProgramKind[]
  /** Whether the runtime waits with new containers until their pod is known. */
  readonly holdsContainers: () => boolean
}
