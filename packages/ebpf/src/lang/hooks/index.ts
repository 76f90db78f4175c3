export {
  type AddressCall,
  addressHookKinds,
  cgroupSockAddr,
  cgroupSockRelease,
  type SocketAddress,
  sockOps,
} from './cgroup.ts'
export type { Hook, LoadTarget } from './hook.ts'
export { iterator } from './iterator.ts'
export { kprobe, kretprobe, overridableKprobe } from './kprobe.ts'
export { type KprobeMultiHookOptions, kprobeMulti, kretprobeMulti } from './kprobe-multi.ts'
export { onDemand } from './on-demand.ts'
export { permissionEvent } from './permission-event.ts'
export { rawTracepoint } from './raw-tracepoint.ts'
export { tpBtf } from './tp-btf.ts'
export { TracepointRecord, tracepoint } from './tracepoint.ts'
export { fentry, fexit, fmodRet, lsm } from './typed-function.ts'
