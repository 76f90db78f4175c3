import type { Fields } from '@tetragon-ts/ebpf/records'
import type { ProcessRecords } from '@tetragon-ts/sensors'

type ExecFields = Fields<ProcessRecords['ExecRecord']['shape']>

/** Bits of a file's mode: include/uapi/linux/stat.h. */
const setUserId = 0o4000
const setGroupId = 0o2000
const groupExecute = 0o0010

/**
 * The JSON field `binary_properties` of an exec, with a leading comma; empty if there is nothing to
 * report: ids set by the file, privileges gained through it, and its inode if it has no name any
 * more. Requires a record with credentials.
 */
export function binaryProperties({ binary, identity }: ExecFields): string {
  const members: string[] = []
  const privileges: string[] = []
  if (binary.privileged !== 0) {
    const { uid, gid, euid, egid } = identity.credentials
    const setsUser = (binary.mode & setUserId) !== 0
    // Without execute permission, the setgid bit has another meaning.
    const groupBits = setGroupId | groupExecute
    const setsGroup = (binary.mode & groupBits) === groupBits
    if (setsUser && euid !== uid) members.push(`"setuid":${euid}`)
    if (setsGroup && egid !== gid) members.push(`"setgid":${egid}`)
    // Root has its capabilities anyway.
    const isRoot = uid === 0 || euid === 0
    if (!isRoot && gainsCapabilities(binary, identity.credentials, setsUser || setsGroup)) {
      privileges.push('"PRIVILEGES_RAISED_EXEC_FILE_CAP"')
    }
    if (setsUser && euid !== uid && euid === 0) {
      privileges.push('"PRIVILEGES_RAISED_EXEC_FILE_SETUID"')
    }
    if (setsGroup && egid !== gid && egid === 0) {
      privileges.push('"PRIVILEGES_RAISED_EXEC_FILE_SETGID"')
    }
  }
  if (privileges.length > 0) members.push(`"privileges_changed":[${privileges.join()}]`)
  if (binary.links === 0) {
    const number = (BigInt(binary.inodeHigh) << 32n) | BigInt(binary.inodeLow)
    members.push(`"file":{"inode":{"number":"${number}","links":0}}`)
  }
  return members.length === 0 ? '' : `,"binary_properties":{${members.join()}}`
}

/** Whether the file's capabilities added privileges. */
function gainsCapabilities(
  binary: ExecFields['binary'],
  after: ExecFields['identity']['credentials'],
  setsIds: boolean,
): boolean {
  // Only ids and file capabilities can add privileges: if it was not the ids, it was the
  // capabilities.
  const [high, low] = setsIds ? [binary.permittedBeforeHigh, binary.permittedBeforeLow] : [0, 0]
  return (after.permittedHigh & ~high) !== 0 || (after.permittedLow & ~low) !== 0
}
