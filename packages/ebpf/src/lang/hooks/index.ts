export type { Attachment, TracingKind } from './attachment.ts'
export {
  type AddressCall,
  cgroupSockAddr,
  cgroupSockRelease,
  type SocketAddress,
  sockOps,
} from './cgroup.ts'
export { cgroupDevice, type DeviceAccess } from './cgroup-device.ts'
export { votingHookKinds } from './cgroup-kinds.ts'
export { cgroupSkb, type PacketDirection } from './cgroup-skb.ts'
export { cgroupSocketCreate, type SocketRequest } from './cgroup-socket-create.ts'
export { cgroupSocketOption, type SocketOption } from './cgroup-socket-option.ts'
export { cgroupSysctl, type SysctlAccess } from './cgroup-sysctl.ts'
export type { Hook, LoadTarget } from './hook.ts'
export { iterator } from './iterator.ts'
export { kprobe, kretprobe, overridableKprobe } from './kprobe.ts'
export { type KprobeMultiHookOptions, kprobeMulti, kretprobeMulti } from './kprobe-multi.ts'
export { onDemand } from './on-demand.ts'
export { type MarkedFiles, type PermissionEvent, permissionEvent } from './permission-event.ts'
export { rawTracepoint } from './raw-tracepoint.ts'
export { tpBtf } from './tp-btf.ts'
export { TracepointRecord, tracepoint } from './tracepoint.ts'
export {
  commonFields,
  parseTracepointFormat,
  type TracepointField,
  tracepointField,
} from './tracepoint-format.ts'
export { fentry, fexit, fmodRet, lsm } from './typed-function.ts'
export { type UprobeHookOptions, type UserPlace, uprobe, uretprobe } from './uprobe.ts'
