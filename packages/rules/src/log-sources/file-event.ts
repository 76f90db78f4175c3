import type { KprobeArgument } from '@tetragon-ts/api'
import { eventField } from './field.ts'
import { firstNumber, firstPath } from './hook-call.ts'
import { hookLogSource } from './hook-log-source.ts'
import { flagsOfOpen, mayWrite, opensForWriting } from './open-flags.ts'

const target = (args: readonly KprobeArgument[]) => ({ TargetFilename: firstPath(args) })

const opened = (args: readonly KprobeArgument[]) => {
  const flags = flagsOfOpen(args)
  return flags !== undefined && opensForWriting(flags) ? target(args) : undefined
}

/** Files that are created or written. */
export const fileEvent = hookLogSource({
  name: 'file_event',
  doc: 'a file or folder was created, or a file was opened or changed for writing',
  fields: { TargetFilename: eventField('path of the file') },
  hooks: {
    sys_open: opened,
    sys_openat: opened,
    sys_creat: target,
    security_file_open: opened,
    security_file_permission: (args) => {
      return ((firstNumber(args) ?? 0) & mayWrite) !== 0 ? target(args) : undefined
    },
    security_path_truncate: target,
    security_file_truncate: target,
    security_path_mknod: target,
    security_path_mkdir: target,
    sys_mkdir: target,
    sys_mkdirat: target,
  },
})
