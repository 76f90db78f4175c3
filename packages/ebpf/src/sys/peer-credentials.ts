import { constants } from 'node:os'
import { check, getsockopt, lastErrno } from './ffi.ts'
import { Memory } from './memory.ts'

const SOL_SOCKET = 1
const SO_PEERCRED = 17
const SO_PEERGROUPS = 59

/** NGROUPS_MAX: include/uapi/linux/limits.h. */
const groupsMax = 65_536
const usualGroups = 64

/** Who connected to a Unix socket, as the kernel recorded it at connect(2). */
export interface PeerCredentials {
  /** 0 if the process is in a pid namespace that this process cannot see. */
  readonly pid: number
  readonly uid: number
  readonly gid: number
  /** Supplementary groups. */
  readonly groups: readonly number[]
}

/**
 * Credentials of the peer of a connected Unix socket: struct ucred, and the groups (Linux 4.13).
 * @throws SystemCallError
 */
export function peerCredentials(fd: number): PeerCredentials {
  const credentials = readOption(fd, SO_PEERCRED, 3) as readonly number[]
  const groups =
    readOption(fd, SO_PEERGROUPS, usualGroups) ?? readOption(fd, SO_PEERGROUPS, groupsMax) ?? []
  const [pid, uid, gid] = credentials
  return { pid: pid | 0, uid, gid, groups }
}

/** Numbers of 32 bits; undefined if there are more than `count`. */
function readOption(fd: number, name: number, count: number): number[] | undefined {
  const bytes = count * 4
  using memory = Memory.allocate(bytes + 4)
  memory.view.setUint32(bytes, bytes, true)
  const { address } = memory
  const result = getsockopt(fd, SOL_SOCKET, name, address, address + bytes)
  if (result < 0 && lastErrno() === constants.errno.ERANGE) return undefined
  check(result, 'read the credentials of a peer')
  const length = memory.view.getUint32(bytes, true) / 4
  return Array.from({ length }, (_, i) => memory.view.getUint32(i * 4, true))
}
