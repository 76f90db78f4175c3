/** Types of programs: enum bpf_prog_type in include/uapi/linux/bpf.h. */
export const programType = {
  socketFilter: 1,
  kprobe: 2,
  schedCls: 3,
  schedAct: 4,
  tracepoint: 5,
  xdp: 6,
  perfEvent: 7,
  cgroupSkb: 8,
  cgroupSock: 9,
  sockOps: 13,
  skSkb: 14,
  cgroupDevice: 15,
  skMsg: 16,
  rawTracepoint: 17,
  cgroupSockAddr: 18,
  cgroupSysctl: 23,
  rawTracepointWritable: 24,
  cgroupSockopt: 25,
  tracing: 26,
  structOps: 27,
  extension: 28,
  lsm: 29,
  skLookup: 30,
  syscall: 31,
  netfilter: 32,
} as const

export type ProgramType = (typeof programType)[keyof typeof programType]

const names = new Map<number, string>(
  Object.entries(programType).map(([name, number]) => [number, name]),
)

/** The name of a program type, `type 99` for one that the table lacks. */
export function programTypeName(type: number): string {
  return names.get(type) ?? `type ${type}`
}

/** Where a program goes: enum bpf_attach_type in include/uapi/linux/bpf.h. */
export const attachType = {
  cgroupInetIngress: 0,
  cgroupInetEgress: 1,
  cgroupInetSockCreate: 2,
  cgroupSockOps: 3,
  cgroupDevice: 6,
  cgroupInet4Bind: 8,
  cgroupInet6Bind: 9,
  cgroupInet4Connect: 10,
  cgroupInet6Connect: 11,
  cgroupInet4PostBind: 12,
  cgroupInet6PostBind: 13,
  cgroupUdp4Sendmsg: 14,
  cgroupUdp6Sendmsg: 15,
  cgroupSysctl: 18,
  cgroupUdp4Recvmsg: 19,
  cgroupUdp6Recvmsg: 20,
  cgroupGetsockopt: 21,
  cgroupSetsockopt: 22,
  traceRawTp: 23,
  traceFentry: 24,
  traceFexit: 25,
  modifyReturn: 26,
  lsmMac: 27,
  traceIter: 28,
  cgroupInet4Getpeername: 29,
  cgroupInet6Getpeername: 30,
  cgroupInet4Getsockname: 31,
  cgroupInet6Getsockname: 32,
  cgroupInetSockRelease: 34,
  perfEvent: 41,
  traceKprobeMulti: 42,
  lsmCgroup: 43,
  traceUprobeMulti: 48,
  cgroupUnixConnect: 49,
  cgroupUnixSendmsg: 50,
  traceKprobeSession: 56,
} as const

export type AttachType = (typeof attachType)[keyof typeof attachType]

/** Flags of program loading: BPF_F_* in include/uapi/linux/bpf.h. */
export const programFlag = { sleepable: 1 << 4 } as const
