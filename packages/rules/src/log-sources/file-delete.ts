import type { KprobeArgument } from '@tetragon-ts/api'
import { eventField } from './field.ts'
import { firstPath } from './hook-call.ts'
import { hookLogSource } from './hook-log-source.ts'

const target = (args: readonly KprobeArgument[]) => ({ TargetFilename: firstPath(args) })

/** Files that are removed. */
export const fileDelete = hookLogSource({
  name: 'file_delete',
  doc: 'a file or folder was removed',
  fields: { TargetFilename: eventField('path of the file') },
  hooks: {
    sys_unlink: target,
    sys_unlinkat: target,
    sys_rmdir: target,
    security_path_unlink: target,
    security_path_rmdir: target,
  },
})
