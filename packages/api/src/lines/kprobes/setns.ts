import { argumentInteger } from '../argument.ts'
import type { KprobeFormats } from '../kprobe-format.ts'
import { plain } from '../line.ts'

/** Names of namespaces by clone flag (include/uapi/linux/sched.h). */
const namespaces = new Map([
  [0, 'any'],
  [0x80, 'time'],
  [0x20000, 'mnt'],
  [0x2000000, 'cgroup'],
  [0x4000000, 'uts'],
  [0x8000000, 'ipc'],
  [0x10000000, 'user'],
  [0x20000000, 'pid'],
  [0x40000000, 'net'],
])

/** `🔧 setns   default/xwing /usr/bin/nsenter net`; flags of several namespaces show nothing. */
export const setns: KprobeFormats = {
  sys_setns: (args) => {
    const flags = argumentInteger(args[1])
    const name = flags === undefined ? undefined : namespaces.get(Number(flags))
    return { icon: '🔧', word: 'setns', columns: [plain(name)] }
  },
}
