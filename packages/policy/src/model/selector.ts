import type { ArgumentMatch, ExpressionMatch } from '../arguments/argument-match.ts'
import type { Located } from '../arguments/located.ts'
import type { Action } from './action.ts'
import type { ImageMatch } from './image-match.ts'
import type { LabelSelector } from './label-selector.ts'

/** All conditions must match. */
export interface Selector extends Located {
  readonly label: string
  readonly pids: readonly PidMatch[]
  readonly args: readonly ArgumentMatch[]
  readonly data: readonly ArgumentMatch[]
  /** matchCEL: none or one. */
  readonly expressions: readonly ExpressionMatch[]
  readonly returnArgs: readonly ArgumentMatch[]
  readonly binaries: readonly BinaryMatch[]
  readonly parentBinaries: readonly BinaryMatch[]
  readonly commandArguments: readonly CommandArgumentMatch[]
  /** Conditions of detection rules. */
  readonly images: readonly ImageMatch[]
  readonly namespaces: readonly NamespaceMatch[]
  readonly namespaceChanges: readonly NamespaceChangeMatch[]
  readonly capabilities: readonly CapabilityMatch[]
  readonly capabilityChanges: readonly CapabilityMatch[]
  readonly workloads?: WorkloadMatch
  readonly actions: readonly Action[]
  readonly returnActions: readonly Action[]
}

export interface PidMatch extends Located {
  readonly negated: boolean
  readonly values: readonly number[]
  readonly isNamespacePid: boolean
  readonly followForks: boolean
}

export interface BinaryMatch extends Located {
  readonly how: 'equal' | 'prefix' | 'postfix'
  readonly negated: boolean
  readonly values: readonly string[]
  readonly followChildren: boolean
  readonly resolveLinks: boolean
  /** What its values lead to on a host, once that is known; for `resolveLinks`. */
  readonly targets?: readonly LinkTarget[]
}

/** What a path of the host leads to, if one follows its links. */
export interface LinkTarget {
  readonly value: string
  /** The path without links; undefined if it could not be resolved. */
  readonly target?: string
  /** Why it could not be resolved, or not again. */
  readonly problem?: string
}

/** Longest value of matchCmdArgs, in bytes: the kernel side compares this much of an argument. */
export const commandValueMax = 4092

/** matchCmdArgs: an argument that the process was started with. */
export interface CommandArgumentMatch extends Located {
  /** From 0, without the name of the program. */
  readonly index: number | 'any'
  readonly how: 'equal' | 'prefix' | 'postfix' | 'substring'
  readonly ignoreCase: boolean
  readonly negated: boolean
  readonly values: readonly string[]
}

/** Namespaces by their names in policies, with their names in the API and in /proc/PID/ns. */
export const namespaces = {
  Uts: 'uts',
  Ipc: 'ipc',
  Mnt: 'mnt',
  Pid: 'pid',
  PidForChildren: 'pid_for_children',
  Net: 'net',
  Time: 'time',
  TimeForChildren: 'time_for_children',
  Cgroup: 'cgroup',
  User: 'user',
} as const

export type NamespaceType = keyof typeof namespaces
export type NamespaceName = (typeof namespaces)[NamespaceType]

export interface NamespaceMatch extends Located {
  readonly namespace: NamespaceType
  readonly negated: boolean
  /** Inode numbers, or that of the host's first process. */
  readonly values: readonly (number | 'host_ns')[]
}

export interface NamespaceChangeMatch extends Located {
  readonly negated: boolean
  readonly namespaces: readonly NamespaceType[]
}

export interface CapabilityMatch extends Located {
  readonly type: 'Effective' | 'Inheritable' | 'Permitted'
  readonly negated: boolean
  readonly isNamespaceCapability: boolean
  /** Bit mask of all values. */
  readonly mask: bigint
}

export interface WorkloadMatch extends Located {
  readonly podSelector?: LabelSelector
  readonly containerSelector?: LabelSelector
  readonly hostSelector?: LabelSelector
}
