/** Kinds of argument values, for tests and tools. */
export const argumentKinds = [
  /** A number of `bits` bits. */
  'integer',
  /** Text, or a path that is shown as text. */
  'string',
  /** A path with a file type. */
  'file',
  /** A socket: addresses, ports, protocol, family, state. */
  'socket',
  /** The address of a socket: address, port, family. */
  'address',
  /** The address of a Unix socket: a path and a family. */
  'unix-address',
  /** A set of capabilities: 64 bits. */
  'capabilities',
  /** The number of a system call and its ABI. */
  'syscall',
  /** Only known when the policy is loaded. */
  'unknown',
  /** Shown, but not tested. */
  'other',
] as const
export type ArgumentKind = (typeof argumentKinds)[number]

export interface ArgumentTypeFacts {
  readonly kind: ArgumentKind
  /** For integers, capabilities and system calls. */
  readonly bits?: 8 | 16 | 32 | 64
  readonly signed?: boolean
  /** Whether it is a file that can be compared by its inode, too. */
  readonly hasInode?: true
  /** Documentation. */
  readonly doc: string
}

function integer(bits: 8 | 16 | 32 | 64, signed: boolean): ArgumentTypeFacts {
  const doc = `${signed ? 'Signed' : 'Unsigned'} number of ${bits} bits.`
  return { kind: 'integer', bits, signed, doc }
}

function text(doc: string): ArgumentTypeFacts {
  return { kind: 'string', doc }
}

/** A file that is shown as its path. */
function pathText(doc: string): ArgumentTypeFacts {
  return { kind: 'string', hasInode: true, doc }
}

function other(doc: string): ArgumentTypeFacts {
  return { kind: 'other', doc }
}

function capabilities(doc: string): ArgumentTypeFacts {
  return { kind: 'capabilities', bits: 64, signed: false, doc }
}

/** All argument types of the policy language, with their kinds. */
const facts = {
  auto: { kind: 'unknown', doc: 'The type that the tracepoint or probe declares.' },
  int: integer(32, true),
  sint8: integer(8, true),
  int8: integer(8, true),
  uint8: integer(8, false),
  sint16: integer(16, true),
  int16: integer(16, true),
  uint16: integer(16, false),
  uint32: integer(32, false),
  sint32: integer(32, true),
  int32: integer(32, true),
  ulong: integer(64, false),
  uint64: integer(64, false),
  size_t: integer(64, false),
  long: integer(64, true),
  sint64: integer(64, true),
  int64: integer(64, true),
  char_buf: text('Bytes of a buffer; `sizeArgIndex` or the result says how many.'),
  char_iovec: other('Bytes of several buffers (struct iovec).'),
  skb: { kind: 'socket', doc: 'A packet (struct sk_buff).' },
  sock: { kind: 'socket', doc: 'A socket (struct sock).' },
  sockaddr: { kind: 'address', doc: 'An address (struct sockaddr).' },
  socket: { kind: 'socket', doc: 'A socket (struct socket).' },
  sockaddr_un: { kind: 'unix-address', doc: 'Address of a Unix socket (struct sockaddr_un).' },
  string: text('A string that ends with a zero byte.'),
  fd: text('A file descriptor; shown and tested as the path of its file.'),
  file: { kind: 'file', hasInode: true, doc: 'A file (struct file), as its path.' },
  filename: text('A file name (struct filename).'),
  path: { kind: 'file', hasInode: true, doc: 'A path (struct path).' },
  nop: other('Not read; does not appear in events, where the following ones move up.'),
  bpf_attr: other('Attributes of a bpf(2) call (union bpf_attr).'),
  perf_event: other('A performance event (struct perf_event).'),
  bpf_map: other('A BPF map (struct bpf_map).'),
  user_namespace: other('A user namespace (struct user_namespace).'),
  capability: { kind: 'integer', bits: 32, signed: true, doc: 'Number of a capability.' },
  kiocb: pathText('A file that is read or written (struct kiocb), as its path.'),
  iov_iter: other('Bytes that are read or written (struct iov_iter).'),
  cred: other('Credentials (struct cred).'),
  const_buf: other('Bytes of fixed length.'),
  load_info: other('A kernel module that is being loaded (struct load_info).'),
  module: other('A kernel module (struct module).'),
  syscall64: {
    kind: 'syscall',
    bits: 64,
    signed: false,
    doc: 'Number of a system call; bit 31 marks those of 32-bit programs.',
  },
  kernel_cap_t: capabilities('A set of capabilities (kernel_cap_t).'),
  cap_inheritable: capabilities('The inheritable capabilities of a struct cred.'),
  cap_permitted: capabilities('The permitted capabilities of a struct cred.'),
  cap_effective: capabilities('The effective capabilities of a struct cred.'),
  linux_binprm: pathText('A program that is executed (struct linux_binprm), as its path.'),
  data_loc: text('A string of a tracepoint (__data_loc char[]). Tracepoints only.'),
  net_device: text('A network device (struct net_device), as its name.'),
  bpf_cmd: { kind: 'integer', bits: 32, signed: true, doc: 'Command of bpf(2).' },
  dentry: pathText('A directory entry (struct dentry), as its path.'),
  bpf_prog: other('A BPF program (struct bpf_prog).'),
  addrinfo: other(
    'The addresses that `getaddrinfo` found (struct addrinfo **). Only for uprobes, with ' +
      '`returnCopy`. The `string` argument labelled `name`, or else the first one, is the name.',
  ),
  int32_arr: other('An array of `size` signed numbers of 32 bits, such as the result of pipe2(2).'),
  go_string: text(
    'A string of a Go function, for uprobes. `index` counts the registers of integers in the ABI ' +
      'of Go, of which a string has two: address and length.',
  ),
} satisfies Record<string, ArgumentTypeFacts>

/** Name of an argument type in documents. */
export type ArgumentTypeName = keyof typeof facts

/** Kinds of values by argument type. */
export const argumentTypeFacts: Readonly<Record<ArgumentTypeName, ArgumentTypeFacts>> = facts

/** All types of arguments, in the order of the schema. */
export const argumentTypeNames = Object.keys(facts) as readonly ArgumentTypeName[]
