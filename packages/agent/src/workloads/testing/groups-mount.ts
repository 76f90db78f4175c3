import { readFileSync } from 'node:fs'
import { Btf } from '@tetragon-ts/ebpf/btf'
import { findCgroupHierarchy } from '@tetragon-ts/sensors/process'

/** Mount point of the control group hierarchy that the agent uses. */
export function groupsMount(): string | undefined {
  const hierarchy = findCgroupHierarchy(Btf.open(), '/proc')
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n')
  for (const [, path, type, options] of mounts.map((line) => line.split(' '))) {
    if (hierarchy.version === 2 ? type === 'cgroup2' : type === 'cgroup') {
      if (hierarchy.version === 2 || options.split(',').includes(hierarchy.name)) return path
    }
  }
  return undefined
}
