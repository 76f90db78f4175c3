import type { Located } from './located.ts'

/** All types of arguments, by their names in documents. */
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

/** An argument to be read (an entry of `args` or `data`), or the result. */
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
