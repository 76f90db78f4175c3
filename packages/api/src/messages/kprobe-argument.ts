import { extensionNumber } from '../extension-fields.ts'
import type { MessageOf } from '../message.ts'
import {
  boolValue,
  bytes,
  deprecated,
  int32,
  int32Value,
  int64,
  many,
  message,
  nested,
  oneOf,
  string,
  uint32,
  uint32Value,
  uint64,
} from '../message.ts'
import { KprobeAddrinfo } from './address-lookup.ts'
import { KprobeInt32List } from './array-argument.ts'
import { BpfCmd, CapabilitiesType, TaintedBitsType } from './enums.ts'
import { Namespace, ProcessCredentials, UserNamespace } from './process.ts'

/** The arguments that hooks report: at most one `*_arg` field of a KprobeArgument is set. */

export const KprobeSock = message('KprobeSock', {
  family: string(1),
  type: string(2),
  protocol: string(3),
  mark: uint32(4),
  priority: uint32(5),
  saddr: string(6),
  daddr: string(7),
  sport: uint32(8),
  dport: uint32(9),
  cookie: uint64(10),
  state: string(11),
  destination_names: many(string(extensionNumber('KprobeSock.destination_names'))),
})
export type KprobeSock = MessageOf<typeof KprobeSock>

export const KprobeSkb = message('KprobeSkb', {
  hash: uint32(1),
  len: uint32(2),
  priority: uint32(3),
  mark: uint32(4),
  saddr: string(5),
  daddr: string(6),
  sport: uint32(7),
  dport: uint32(8),
  proto: uint32(9),
  sec_path_len: uint32(10),
  sec_path_olen: uint32(11),
  protocol: string(12),
  family: string(13),
})
export type KprobeSkb = MessageOf<typeof KprobeSkb>

export const KprobeSockaddr = message('KprobeSockaddr', {
  family: string(1),
  addr: string(2),
  port: uint32(3),
  names: many(string(extensionNumber('KprobeSockaddr.names'))),
})
export type KprobeSockaddr = MessageOf<typeof KprobeSockaddr>

export const KprobeSockaddrUn = message('KprobeSockaddrUn', { family: string(1), path: string(2) })
export type KprobeSockaddrUn = MessageOf<typeof KprobeSockaddrUn>

export const KprobeNetDev = message('KprobeNetDev', { name: string(1) })
export type KprobeNetDev = MessageOf<typeof KprobeNetDev>

export const KprobePath = message('KprobePath', {
  mount: string(1),
  path: string(2),
  flags: string(3),
  permission: string(4),
})
export type KprobePath = MessageOf<typeof KprobePath>

export const KprobeFile = message('KprobeFile', {
  mount: string(1),
  path: string(2),
  flags: string(3),
  permission: string(4),
})
export type KprobeFile = MessageOf<typeof KprobeFile>

export const KprobeTruncatedBytes = message('KprobeTruncatedBytes', {
  bytes_arg: bytes(1),
  orig_size: uint64(2),
})
export type KprobeTruncatedBytes = MessageOf<typeof KprobeTruncatedBytes>

export const KprobeCred = message('KprobeCred', {
  permitted: many(oneOf(1, CapabilitiesType)),
  effective: many(oneOf(2, CapabilitiesType)),
  inheritable: many(oneOf(3, CapabilitiesType)),
})
export type KprobeCred = MessageOf<typeof KprobeCred>

export const KprobeLinuxBinprm = message('KprobeLinuxBinprm', {
  path: string(1),
  flags: string(2),
  permission: string(3),
})
export type KprobeLinuxBinprm = MessageOf<typeof KprobeLinuxBinprm>

export const KprobeCapability = message('KprobeCapability', {
  value: int32Value(1),
  name: string(2),
})
export type KprobeCapability = MessageOf<typeof KprobeCapability>

export const KprobeUserNamespace = message('KprobeUserNamespace', {
  level: int32Value(1),
  owner: uint32Value(2),
  group: uint32Value(3),
  ns: nested(4, Namespace),
})
export type KprobeUserNamespace = MessageOf<typeof KprobeUserNamespace>

export const KprobeBpfAttr = message('KprobeBpfAttr', {
  ProgType: string(1),
  InsnCnt: uint32(2),
  ProgName: string(3),
})
export type KprobeBpfAttr = MessageOf<typeof KprobeBpfAttr>

export const KprobeBpfProg = message('KprobeBpfProg', {
  ProgType: string(1),
  InsnCnt: uint32(2),
  ProgName: string(3),
})
export type KprobeBpfProg = MessageOf<typeof KprobeBpfProg>

export const KprobePerfEvent = message('KprobePerfEvent', {
  KprobeFunc: string(1),
  Type: string(2),
  Config: uint64(3),
  ProbeOffset: uint64(4),
})
export type KprobePerfEvent = MessageOf<typeof KprobePerfEvent>

export const KprobeBpfMap = message('KprobeBpfMap', {
  MapType: string(1),
  KeySize: uint32(2),
  ValueSize: uint32(3),
  MaxEntries: uint32(4),
  MapName: string(5),
})
export type KprobeBpfMap = MessageOf<typeof KprobeBpfMap>

export const KprobeError = message('KprobeError', { Message: string(1) })
export type KprobeError = MessageOf<typeof KprobeError>

export const SyscallId = message('SyscallId', { id: uint32(1), abi: string(2) })
export type SyscallId = MessageOf<typeof SyscallId>

export const KernelModule = message('KernelModule', {
  name: string(1),
  signature_ok: boolValue(2),
  tainted: many(oneOf(3, TaintedBitsType)),
})
export type KernelModule = MessageOf<typeof KernelModule>

/** The value; at most one of these is set. */
const arg = {
  string_arg: string(1),
  int_arg: int32(2),
  skb_arg: nested(3, KprobeSkb),
  size_arg: uint64(4),
  bytes_arg: bytes(5),
  path_arg: nested(6, KprobePath),
  file_arg: nested(7, KprobeFile),
  truncated_bytes_arg: nested(8, KprobeTruncatedBytes),
  sock_arg: nested(9, KprobeSock),
  cred_arg: nested(10, KprobeCred),
  long_arg: int64(11),
  bpf_attr_arg: nested(12, KprobeBpfAttr),
  perf_event_arg: nested(13, KprobePerfEvent),
  bpf_map_arg: nested(14, KprobeBpfMap),
  uint_arg: uint32(15),
  user_namespace_arg: deprecated(nested(16, KprobeUserNamespace)),
  capability_arg: nested(17, KprobeCapability),
  process_credentials_arg: nested(19, ProcessCredentials),
  user_ns_arg: nested(20, UserNamespace),
  module_arg: nested(21, KernelModule),
  kernel_cap_t_arg: string(22),
  cap_inheritable_arg: string(23),
  cap_permitted_arg: string(24),
  cap_effective_arg: string(25),
  linux_binprm_arg: nested(26, KprobeLinuxBinprm),
  net_dev_arg: nested(27, KprobeNetDev),
  bpf_cmd_arg: oneOf(28, BpfCmd),
  syscall_id: nested(29, SyscallId),
  sockaddr_arg: nested(30, KprobeSockaddr),
  bpf_prog_arg: nested(31, KprobeBpfProg),
  error_arg: nested(32, KprobeError),
  sockaddrun_arg: nested(33, KprobeSockaddrUn),
  addrinfo_arg: nested(extensionNumber('KprobeArgument.addrinfo_arg'), KprobeAddrinfo),
  // A proposal for Tetragon has number 32, which error_arg has there.
  int32_list_arg: nested(extensionNumber('KprobeArgument.int32_list_arg'), KprobeInt32List),
}

export const KprobeArgument = message(
  'KprobeArgument',
  { ...arg, label: string(18) },
  { oneofs: { arg: Object.keys(arg) } },
)
export type KprobeArgument = MessageOf<typeof KprobeArgument>
