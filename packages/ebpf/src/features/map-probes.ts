import { assemble, call, exit, helper, mov, r0 } from '../asm/index.ts'
import {
  cgroupStorage,
  createMap,
  hashMap,
  type MapSpec,
  ringBuffer,
  taskStorage,
} from '../maps/index.ts'
import { loadProgram, programType } from '../programs/index.ts'
import { u32 } from '../records/index.ts'
import { pageSize } from '../sys/index.ts'

function created(spec: MapSpec): string {
  createMap(spec).close()
  return 'created'
}

/** Types of maps and what can be done with them. */
export const mapProbes = {
  ring_buffer: () => created(ringBuffer('probe', { size: pageSize })),
  task_storage: () => created(taskStorage('probe', { value: u32 })),
  cgroup_storage: () => created(cgroupStorage('probe', { value: u32 })),
  batch_operations: () => {
    using map = createMap(hashMap('probe', { key: u32, value: u32, maxEntries: 1 }))
    if (!map.hasBatches()) throw new Error('read hash map in a batch: not supported')
    return 'read a hash map in a batch'
  },
  /**
   * Whether maps are charged to the memory cgroup instead of the limit of locked memory. That
   * shows nowhere, so the probe asks for a helper of the same release, 5.11 (as libbpf does).
   */
  memcg_accounting: () => {
    loadProgram({
      type: programType.socketFilter,
      name: 'probe',
      code: assemble([call(helper.ktime_get_coarse_ns), mov(r0, 0), exit()]).bytes,
    }).close()
    return 'kernel 5.11 or later: it has bpf_ktime_get_coarse_ns'
  },
}
