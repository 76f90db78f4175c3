import type { MapContent } from '@tetragon-ts/ebpf/maps'
import type { RecordValue } from '@tetragon-ts/ebpf/records'
import { type NamespaceType, namespaces } from '@tetragon-ts/policy'
import { hostNamespaceNumber } from '../kernel/namespace-number.ts'
import { namespaceIndex, type ProcessEntry } from '../records/process.ts'

type Processes = Pick<MapContent<number, RecordValue<typeof ProcessEntry.shape>>, 'lookup'>

/** Returns the inode numbers of the namespaces of the host's first process. */
export type HostNamespaces = (type: NamespaceType) => number

/**
 * Reads the process table, which the kernel side fills: /proc refuses the namespaces of the first
 * process without ptrace permission. If the table is missing or lacks that process, /proc is used,
 * and if that refuses, the agent's own namespaces.
 */
export function hostNamespaces(processes?: Processes): HostNamespaces {
  return (type) => {
    const known = processes?.lookup(1)?.namespaces[namespaceIndex(type)] ?? 0
    return known || hostNamespaceNumber('/proc', namespaces[type])
  }
}
