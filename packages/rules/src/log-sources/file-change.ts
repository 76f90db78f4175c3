import type { KprobeArgument } from '@tetragon-ts/api'
import { eventField } from './field.ts'
import { firstNumber, firstPath, pathOf } from './hook-call.ts'
import { hookLogSource } from './hook-log-source.ts'

const target = (args: readonly KprobeArgument[]) => ({ TargetFilename: firstPath(args) })

/** The mode is the first number after the path. */
const changedMode = (args: readonly KprobeArgument[]) => {
  const after = args.findIndex((argument) => pathOf(argument) !== undefined) + 1
  return { ...target(args), Mode: firstNumber(args, after)?.toString(8) }
}

/** Attributes of files that are changed. */
export const fileChange = hookLogSource({
  name: 'file_change',
  doc: 'the mode, owner, times or extended attributes of a file were changed',
  fields: {
    TargetFilename: eventField('path of the file'),
    Mode: eventField('new mode in octal digits, such as 4755'),
  },
  hooks: {
    sys_chmod: changedMode,
    sys_fchmodat: changedMode,
    security_path_chmod: changedMode,
    security_path_chown: target,
    security_inode_setxattr: target,
    sys_chown: target,
    sys_lchown: target,
    sys_fchownat: target,
    sys_setxattr: target,
    sys_utimensat: target,
  },
})
