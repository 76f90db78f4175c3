import type { OpenMap } from '@tetragon-ts/ebpf/maps'
import type { RecordValue } from '@tetragon-ts/ebpf/records'
import { type NamespaceType, namespaces } from '@tetragon-ts/policy'
import { hostNamespaceNumber } from '../../kernel/namespace-number.ts'
import { namespaceNames, type ProcessEntry } from '../../records/process.ts'

/** The place of a namespace among those of the process table's entries. */
export function namespaceIndex(type: NamespaceType): number {
  return namespaceNames.indexOf(namespaces[type])
}

type Processes = OpenMap<number, RecordValue<typeof ProcessEntry.shape>>

/** Tells the inode numbers of the namespaces of the host's first process. */
export type HostNamespaces = (type: NamespaceType) => number

/**
 * Asks the process table, which the kernel side fills: /proc refuses the namespaces of the first
 * process to whom may not trace it. Without a table, or in one without that process, /proc it is,
 * and if that refuses those of the agent.
 */
export function hostNamespaces(processes?: Processes): HostNamespaces {
  return (type) => {
    const known = processes?.lookup(1)?.namespaces[namespaceIndex(type)] ?? 0
    return known || hostNamespaceNumber('/proc', namespaces[type])
  }
}
