import type { KprobeArgument } from '@tetragon-ts/api'
import { eventField } from './field.ts'
import { firstNumber, firstPath, pathOf } from './hook-call.ts'
import { hookLogSource } from './hook-log-source.ts'

const target = (args: readonly KprobeArgument[]) => ({ TargetFilename: firstPath(args) })

/** Permissions, and bits for set-user-ID, set-group-ID and sticky; the kernel ignores others. */
const modeBits = 0o7777

/** The mode is the first number after the path. */
const changedMode = (args: readonly KprobeArgument[]) => {
  const after = args.findIndex((argument) => pathOf(argument) !== undefined) + 1
  const mode = firstNumber(args, after)
  return { ...target(args), Mode: mode === undefined ? undefined : (mode & modeBits).toString(8) }
}

const nameAndMode = {
  TargetFilename: { argument: 0, as: 'text' },
  Mode: { argument: 1, as: 'mode' },
} as const
const onlyName = { TargetFilename: { argument: 0, as: 'text' } } as const

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
    sys_fchmod: changedMode,
    sys_fchmodat2: changedMode,
    sys_fchmodat: changedMode,
    security_path_chmod: changedMode,
    security_path_chown: target,
    security_inode_setxattr: target,
    sys_chown: target,
    sys_lchown: target,
    sys_fchownat: target,
    sys_setxattr: target,
    sys_lsetxattr: target,
    sys_fsetxattr: target,
    sys_setxattrat: target,
    sys_utimensat: target,
  },
  uses: [
    { hook: 'sys_chmod', fields: nameAndMode },
    { hook: 'sys_fchmod', fields: { ...nameAndMode, TargetFilename: 'unknown' } },
    { hook: 'sys_fchmodat', fields: nameAndMode },
    { hook: 'sys_fchmodat2', fields: nameAndMode },
    { hook: 'sys_setxattr', fields: onlyName },
    { hook: 'sys_lsetxattr', fields: onlyName },
    { hook: 'sys_fsetxattr', fields: { TargetFilename: 'unknown' } },
    { hook: 'sys_setxattrat', fields: onlyName },
  ],
})
