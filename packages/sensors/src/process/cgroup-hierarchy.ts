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
  const versionOne = new Map(
    lines.flatMap((line) => {
      const [id, names] = line.split(':')
      return names.split(',').map((name) => [name, Number(id)] as const)
    }),
  )
  for (const name of controllers) {
    const controller = btf.enumerator(`${name}_cgrp_id`)
    const id = versionOne.get(name)
    if (id !== undefined && controller !== undefined) {
      return { version: 1, id, controller: Number(controller), name }
    }
  }
  return { version: 2, id: 0 }
}
