import { readFileSync } from 'node:fs'
import type { Btf } from '@tetragon-ts/ebpf/btf'
import type { CgroupHierarchy } from './identity.ts'

/** Version 1 controllers used by container runtimes, best first. */
const controllers = ['memory', 'pids', 'cpuset']

/**
 * Finds the hierarchy that container runtimes use on this machine: version 2, or one of the
 * controllers of version 1 if that is mounted too (legacy and hybrid set-ups).
 */
export function findCgroupHierarchy(btf: Btf, procfs: string): CgroupHierarchy {
  // Lines are hierarchy:controllers:path; version 2 has number 0 and no controllers.
  const lines = readFileSync(`${procfs}/self/cgroup`, 'utf8').trim().split('\n')
  const versionOne = new Set(lines.flatMap((line) => line.split(':')[1].split(',')))
  for (const name of controllers) {
    const controller = btf.enumerator(`${name}_cgrp_id`)
    if (versionOne.has(name) && controller !== undefined) {
      return { version: 1, controller: Number(controller), name }
    }
  }
  return { version: 2 }
}
