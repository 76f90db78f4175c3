import {
  assemble,
  call,
  exit,
  helper,
  load,
  loadMapFd,
  mov,
  programType,
  r0,
  r1,
} from '../asm/index.ts'
import { cgroupStorage, hashMap, type MapSpec, ringBuffer, taskStorage } from '../maps/index.ts'
import { createMap } from '../open-maps/index.ts'
import { loadProgram } from '../programs/index.ts'
import { u32 } from '../records/index.ts'
import { pageSize } from '../sys/index.ts'
import { vmlinux } from './vmlinux.ts'

function created(spec: MapSpec): string {
  createMap(spec).close()
  return 'created'
}

/** Types of maps and what can be done with them. */
export const mapProbes = {
  ring_buffer: () => created(ringBuffer('probe', { size: pageSize })),
  map_fields: () => {
    using map = createMap(ringBuffer('probe', { size: pageSize }))
    const btf = vmlinux()
    const id = btf.find('bpf_ringbuf_map', 'struct')
    const rb = id === undefined ? undefined : btf.member(id, 'rb')
    if (!rb) throw new Error("the kernel's BTF has no structure bpf_ringbuf_map with a field rb")
    const code = [
      loadMapFd(r1, map.fd.number),
      load(8, r0, r1, rb.bitOffset / 8),
      mov(r0, 0),
      exit(),
    ]
    const type = programType.rawTracepoint
    loadProgram({ type, name: 'probe', code: assemble(code).bytes }).close()
    return 'a program reads the address of a ring buffer'
  },
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
