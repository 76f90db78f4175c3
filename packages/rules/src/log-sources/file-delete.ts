import type { KprobeArgument } from '@tetragon-ts/api'
import { eventField } from './field.ts'
import { firstPath, pathOf } from './hook-call.ts'
import { hookLogSource } from './hook-log-source.ts'
import { pathInFolder } from './path-in-folder.ts'

const target = (args: readonly KprobeArgument[]) => ({ TargetFilename: firstPath(args) })

const inFolder = (args: readonly KprobeArgument[]) => {
  const [folder, file] = args.filter((argument) => pathOf(argument) !== undefined)
  return { TargetFilename: pathInFolder(folder, file) }
}

const byName = { TargetFilename: { argument: 0, as: 'text' } } as const
const byEntry = { TargetFilename: { folder: 0, file: 1 } } as const

/** Files that are removed. */
export const fileDelete = hookLogSource({
  name: 'file_delete',
  doc: 'a file or folder was removed',
  fields: { TargetFilename: eventField('path of the file') },
  hooks: {
    sys_unlink: target,
    sys_unlinkat: target,
    sys_rmdir: target,
    security_path_unlink: inFolder,
    security_path_rmdir: inFolder,
  },
  uses: [
    {
      hook: 'security_path_unlink',
      fields: byEntry,
      instead: [
        { hook: 'sys_unlink', fields: byName },
        { hook: 'sys_unlinkat', fields: byName },
      ],
    },
    {
      hook: 'security_path_rmdir',
      fields: byEntry,
      instead: [
        { hook: 'sys_rmdir', fields: byName },
        { hook: 'sys_unlinkat', fields: byName },
      ],
    },
  ],
})
