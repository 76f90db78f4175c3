import type { KprobeArgument } from '@tetragon-ts/api'
import { eventField } from './field.ts'
import { pathOf } from './hook-call.ts'
import { hookLogSource } from './hook-log-source.ts'

const renamed = (args: readonly KprobeArgument[]) => {
  const [from, to] = args.flatMap((argument) => pathOf(argument) ?? [])
  return { SourceFilename: from, TargetFilename: to }
}

/** Files that get another name. */
export const fileRename = hookLogSource({
  name: 'file_rename',
  doc: 'a file or folder was renamed or moved',
  fields: { SourceFilename: eventField('path before'), TargetFilename: eventField('path after') },
  hooks: {
    sys_rename: renamed,
    sys_renameat: renamed,
    sys_renameat2: renamed,
    security_path_rename: renamed,
  },
})
