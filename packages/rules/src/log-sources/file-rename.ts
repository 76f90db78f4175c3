import type { KprobeArgument } from '@tetragon-ts/api'
import { eventField } from './field.ts'
import { labelled, pathOf } from './hook-call.ts'
import { hookLogSource } from './hook-log-source.ts'
import { pathInFolder } from './path-in-folder.ts'

const renamed = (args: readonly KprobeArgument[]) => {
  const [from, to] = args.flatMap((argument) => pathOf(argument) ?? [])
  return { SourceFilename: from, TargetFilename: to }
}

/** With the folders of both. */
const renamedIn = (args: readonly KprobeArgument[]) => {
  const before = labelled(args, 'folder before')
  if (before === undefined) return renamed(args)
  return {
    SourceFilename: pathInFolder(before, labelled(args, 'before')),
    TargetFilename: pathInFolder(labelled(args, 'folder'), labelled(args, 'file')),
  }
}

const byName = {
  SourceFilename: { argument: 0, as: 'text' },
  TargetFilename: { argument: 1, as: 'text' },
} as const

/** Files that get another name. */
export const fileRename = hookLogSource({
  name: 'file_rename',
  doc: 'a file or folder was renamed or moved',
  fields: { SourceFilename: eventField('path before'), TargetFilename: eventField('path after') },
  hooks: {
    sys_rename: renamed,
    sys_renameat: renamed,
    sys_renameat2: renamed,
    security_path_rename: renamedIn,
  },
  uses: [
    {
      hook: 'security_path_rename',
      fields: { SourceFilename: { folder: 2, file: 3 }, TargetFilename: { folder: 0, file: 1 } },
      instead: [
        { hook: 'sys_rename', fields: byName },
        { hook: 'sys_renameat', fields: byName },
        { hook: 'sys_renameat2', fields: byName },
      ],
    },
  ],
})
