import { binding, connecting, sendingMessages } from './addresses.ts'
import type { CgroupDecision } from './decision.ts'
import { usingDevices } from './devices.ts'
import { receivingPackets, sendingPackets4, sendingPackets6 } from './packets.ts'
import { creatingSockets } from './socket-create.ts'
import { settingSocketOptions } from './socket-options.ts'
import { usingSysctls } from './sysctls.ts'

/** All decisions at cgroups: a new one needs only its file and an entry here. */
export const cgroupDecisions: readonly CgroupDecision[] = [
  creatingSockets,
  connecting,
  binding,
  sendingMessages,
  settingSocketOptions,
  sendingPackets4,
  sendingPackets6,
  receivingPackets,
  usingDevices,
  usingSysctls,
]

const byFunction = new Map(cgroupDecisions.map((each) => [each.function, each]))

/** The decision about a function of the kernel; undefined if there is none. */
export function cgroupDecision(symbol: string): CgroupDecision | undefined {
  return byFunction.get(symbol)
}
