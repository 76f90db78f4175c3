import type { ArgumentTypeName } from '@tetragon-ts/policy'
import type { AnyArgumentType } from './argument-type.ts'
import { bpfAttrType, bpfCmdType, bpfMapType, bpfProgType } from './bpf.ts'
import { capabilitySetTypes, capabilityType } from './capability.ts'
import { charBufType } from './char-buf.ts'
import { constBufType } from './const-buf.ts'
import { credType, userNamespaceType } from './credentials.ts'
import { fdType, fileType, kiocbType, linuxBinprmType } from './file.ts'
import { integerTypes } from './integer.ts'
import { loadInfoType, moduleType } from './kernel-module.ts'
import { nopType } from './nop.ts'
import { dentryType, pathType } from './path.ts'
import { perfEventType } from './perf-event.ts'
import { skbType } from './skb.ts'
import { socketType, sockType } from './sock.ts'
import { sockaddrType, sockaddrUnType } from './sockaddr.ts'
import { dataLocType, filenameType, netDeviceType, stringType } from './string.ts'
import { syscall64Type } from './syscall-id.ts'
import { charIovecType, iovIterType } from './vectors.ts'

/** All argument types: one that the language has and that is missing here does not compile. */
const types = {
  ...integerTypes,
  ...capabilitySetTypes,
  capability: capabilityType,
  bpf_cmd: bpfCmdType,
  syscall64: syscall64Type,
  nop: nopType,
  string: stringType,
  filename: filenameType,
  net_device: netDeviceType,
  data_loc: dataLocType,
  char_buf: charBufType,
  const_buf: constBufType,
  char_iovec: charIovecType,
  iov_iter: iovIterType,
  file: fileType,
  fd: fdType,
  kiocb: kiocbType,
  linux_binprm: linuxBinprmType,
  path: pathType,
  dentry: dentryType,
  sock: sockType,
  socket: socketType,
  skb: skbType,
  sockaddr: sockaddrType,
  sockaddr_un: sockaddrUnType,
  cred: credType,
  user_namespace: userNamespaceType,
  bpf_attr: bpfAttrType,
  bpf_prog: bpfProgType,
  bpf_map: bpfMapType,
  perf_event: perfEventType,
  module: moduleType,
  load_info: loadInfoType,
} satisfies Record<ReadableType, AnyArgumentType>

/** `auto` stands for the type that a tracepoint declares: no hook reads it. */
type ReadableType = Exclude<ArgumentTypeName, 'auto'>

/** The argument type of that name. @throws Error for one that cannot be read by any hook */
export function argumentType(name: ArgumentTypeName): AnyArgumentType {
  if (!hasArgumentType(name)) throw new Error(`no argument type ${name}`)
  return types[name]
}

/** Whether hooks can read an argument type. */
export function hasArgumentType(name: ArgumentTypeName): name is ReadableType {
  return name !== 'auto'
}
