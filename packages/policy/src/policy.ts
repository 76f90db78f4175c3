import type { CelExpression } from './cel.ts'
import type { ArgumentOperator } from './schema/operators.ts'

// A policy as the compiler takes it: defaults applied, macros and aliases resolved, values parsed,
// everything checked that can be checked without a kernel. What came from the document carries its
// path in the spec; `PolicyDocument.position` turns a path into line and column.

/** Where something stands in the document, e.g. `spec.kprobes[0].args[1]`. */
export interface Located {
  readonly path: string
}

export interface Policy {
  readonly kind: 'TracingPolicy' | 'TracingPolicyNamespaced'
  readonly name: string
  /** Of a TracingPolicyNamespaced; else empty. */
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** All hooks in their order in the document, section by section. */
  readonly hooks: readonly Hook[]
  readonly lists: ReadonlyMap<string, NamedList>
  readonly enforcers: readonly Enforcer[]
  readonly loader: boolean
  readonly options: PolicyOptions
  /** Which workloads it applies to; undefined: no filter by this. */
  readonly podSelector?: LabelSelector
  readonly containerSelector?: LabelSelector
  readonly hostSelector?: LabelSelector
  readonly nodeSelector?: LabelSelector
}

export interface PolicyOptions {
  readonly disableKprobeMulti: boolean
  readonly disableUprobeMulti: boolean
  readonly overrideMethod?: 'fmod-ret' | 'override-return'
  readonly mode: 'enforce' | 'monitor'
  /** Ours: the hooked functions themselves are wanted, never an equivalent place (`exact-hooks`). */
  readonly exactHooks: boolean
  /** `sleepable-preload-size`, as written. */
  readonly sleepablePreloadSize?: number
}

export interface NamedList extends Located {
  readonly name: string
  readonly type: 'functions' | 'syscalls' | 'generated_syscalls' | 'generated_ftrace'
  readonly values: readonly string[]
  readonly pattern?: string
}

export interface Enforcer extends Located {
  readonly calls: readonly string[]
}

export interface LabelSelector extends Located {
  readonly matchLabels: Readonly<Record<string, string>>
  readonly matchExpressions: readonly LabelExpression[]
}

export interface LabelExpression {
  readonly key: string
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'
  readonly values: readonly string[]
}

export type Section = 'kprobes' | 'fentries' | 'tracepoints' | 'lsmhooks' | 'uprobes' | 'usdts'

export interface Hook extends Located {
  readonly section: Section
  /** Its place in its section. */
  readonly index: number
  /**
   * Function or syscall as written (`sys_read`, `fd_install`), the LSM hook, or
   * `subsystem/event`; of uprobes the file, of usdts `provider/name`. For `list:NAME` the name is
   * in `list` as well.
   */
  readonly call: string
  readonly list?: string
  /** kprobes: `call` names a syscall. */
  readonly syscall: boolean
  /** tracepoints: arguments are those of the raw tracepoint. */
  readonly raw: boolean
  readonly args: readonly Argument[]
  readonly data: readonly Argument[]
  /** Set when the result is wanted (`return: true`). */
  readonly returnArg?: Argument
  readonly returnArgAction?: 'TrackSock' | 'UntrackSock'
  /** Empty: every hit is posted. */
  readonly selectors: readonly Selector[]
  readonly message: string
  readonly tags: readonly string[]
  readonly ignoreCallNotFound: boolean
  /** uprobes and usdts, as written. */
  readonly user?: UserHook
}

/** Where a hook of user space lies. */
export interface UserHook {
  readonly file: string
  readonly btfFile?: string
  readonly symbols: readonly string[]
  readonly offsets: readonly bigint[]
  readonly addresses: readonly bigint[]
  readonly refCtrOffsets: readonly bigint[]
  readonly provider?: string
  readonly name?: string
  readonly binaryDigests: readonly string[]
  readonly ignoreDigestFailure: boolean
}

export const argumentTypeNames = [
  'auto',
  'int',
  'sint8',
  'int8',
  'uint8',
  'sint16',
  'int16',
  'uint16',
  'uint32',
  'sint32',
  'int32',
  'ulong',
  'uint64',
  'size_t',
  'long',
  'sint64',
  'int64',
  'char_buf',
  'char_iovec',
  'skb',
  'sock',
  'sockaddr',
  'socket',
  'sockaddr_un',
  'string',
  'fd',
  'file',
  'filename',
  'path',
  'nop',
  'bpf_attr',
  'perf_event',
  'bpf_map',
  'user_namespace',
  'capability',
  'kiocb',
  'iov_iter',
  'cred',
  'const_buf',
  'load_info',
  'module',
  'syscall64',
  'kernel_cap_t',
  'cap_inheritable',
  'cap_permitted',
  'cap_effective',
  'linux_binprm',
  'data_loc',
  'net_device',
  'bpf_cmd',
  'dentry',
  'bpf_prog',
] as const
export type ArgumentTypeName = (typeof argumentTypeNames)[number]

export interface Argument extends Located {
  /** Position among the function's parameters, or field number of a tracepoint. */
  readonly index: number
  readonly type: ArgumentTypeName
  /** Members and array indexes to follow from the argument, e.g. ['mm', 'owner', 3]. */
  readonly resolve: readonly (string | number)[]
  readonly btfType?: string
  readonly btfTypeModule?: string
  /** Position of the parameter with the size, from 0 (documents count from 1); undefined: none. */
  readonly sizeIndex?: number
  /** Read when the function returns. */
  readonly returnCopy: boolean
  readonly maxData: boolean
  readonly label: string
  readonly source?: 'current_task' | 'pt_regs'
}

/** All of it must hold. */
export interface Selector extends Located {
  readonly label: string
  readonly pids: readonly PidMatch[]
  readonly args: readonly ArgumentMatch[]
  readonly data: readonly ArgumentMatch[]
  readonly returnArgs: readonly ArgumentMatch[]
  readonly binaries: readonly BinaryMatch[]
  readonly parentBinaries: readonly BinaryMatch[]
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
}

export const namespaceTypes = [
  'Uts',
  'Ipc',
  'Mnt',
  'Pid',
  'PidForChildren',
  'Net',
  'Time',
  'TimeForChildren',
  'Cgroup',
  'User',
] as const
export type NamespaceType = (typeof namespaceTypes)[number]

export interface NamespaceMatch extends Located {
  readonly namespace: NamespaceType
  readonly negated: boolean
  /** Inode numbers, or the one that the host's first process has. */
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

/** One entry of matchArgs, matchData or matchReturnArgs. */
export interface ArgumentMatch extends Located {
  /**
   * Which arguments: positions in the hook's `args` (or `data`; 0 for the result). One, but for
   * operators that compare two.
   */
  readonly positions: readonly number[]
  readonly negated: boolean
  readonly test: ArgumentTest
  /** As in the document. For arguments of type `auto` read the test again once the type is known. */
  readonly written: { readonly operator: ArgumentOperator; readonly values: readonly string[] }
}

/** Values are alternatives. Signed values are given as such; the compiler truncates. */
export type ArgumentTest =
  | { readonly operator: 'equal'; readonly values: readonly bigint[] }
  | { readonly operator: 'greater' | 'less'; readonly value: bigint }
  /** Any of these bits; several masks are or-ed. */
  | { readonly operator: 'mask'; readonly mask: bigint }
  /** Both ends belong to a range. */
  | { readonly operator: 'range'; readonly ranges: readonly (readonly [bigint, bigint])[] }
  | {
      readonly operator: 'in-map'
      readonly ranges: readonly (readonly [bigint, bigint])[]
      readonly lists: readonly string[]
    }
  | {
      readonly operator:
        | 'equal-string'
        | 'prefix'
        | 'postfix'
        | 'substring'
        | 'substring-ignore-case'
      readonly strings: readonly Uint8Array[]
    }
  | {
      readonly operator: 'source-address' | 'destination-address'
      readonly networks: readonly Network[]
    }
  /** SPortPriv and DPortPriv become the range 0 to 1023. */
  | {
      readonly operator: 'source-port' | 'destination-port'
      readonly ranges: readonly (readonly [bigint, bigint])[]
    }
  | { readonly operator: 'protocol' | 'family' | 'state'; readonly values: readonly bigint[] }
  | { readonly operator: 'capabilities-gained' }
  /** S_IFMT values of include/uapi/linux/stat.h. */
  | { readonly operator: 'file-type'; readonly values: readonly bigint[] }
  | { readonly operator: 'cel'; readonly expression: CelExpression }

export interface Network {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array
  readonly bits: number
}

export type Action = Located &
  (
    | {
        readonly action: 'Post'
        /** Nanoseconds between two events of one kind; 0: no limit. */
        readonly rateLimitNs: bigint
        readonly rateLimitScope: 'thread' | 'process' | 'global'
        readonly kernelStackTrace: boolean
        readonly userStackTrace: boolean
        readonly imaHash: boolean
      }
    | { readonly action: 'NoPost' | 'Sigkill' | 'CleanupEnforcerNotification' }
    | { readonly action: 'Signal'; readonly signal: number }
    | {
        readonly action: 'Override'
        readonly error: number
        readonly registers: readonly string[]
        readonly newSymbol?: string
        readonly newAddress?: bigint
        readonly newOffset?: bigint
      }
    | { readonly action: 'GetUrl'; readonly url: string }
    | { readonly action: 'DnsLookup'; readonly fqdn: string }
    /** Positions in the hook's `args`. */
    | {
        readonly action: 'FollowFD' | 'UnfollowFD' | 'CopyFD'
        readonly fd: number
        readonly name: number
      }
    | { readonly action: 'TrackSock' | 'UntrackSock'; readonly sock: number }
    | { readonly action: 'NotifyEnforcer'; readonly error: number; readonly signal: number }
    | { readonly action: 'Set'; readonly index: number; readonly value: number }
  )
