import { array } from '../maps/array.ts'
import { arrayOfMaps } from '../maps/map-of-maps.ts'
import { u32 } from '../records/index.ts'
import { createMap } from './create.ts'

const inner = array('tg_barrier_in', { value: u32 })

/**
 * Waits until no program runs that was running, except sleepable ones: then every program has seen
 * what user space wrote to its maps before. The kernel does so after each change of a map of maps
 * (maybe_wait_bpf_programs in kernel/bpf/syscall.c, Linux 4.20). membarrier(2) does not wait on a
 * machine with one CPU, where a program may be preempted nevertheless.
 * @throws SystemCallError
 */
export function waitForPrograms(): void {
  using map = createMap(arrayOfMaps('tg_barrier', { inner, maxEntries: 1 }))
  using content = createMap(inner)
  map.update(0, content.fd.number)
}
