import type { KprobeArgument } from '@tetragon-ts/api'
import { eventField } from './field.ts'
import { firstNumber, firstPath } from './hook-call.ts'
import { hookLogSource } from './hook-log-source.ts'
import { flagsOfOpen, mayRead, opensForWriting } from './open-flags.ts'

const target = (args: readonly KprobeArgument[]) => {
  const path = firstPath(args)
  return { TargetFilename: path, FileName: path }
}

const opened = (args: readonly KprobeArgument[]) => {
  const flags = flagsOfOpen(args)
  return flags !== undefined && !opensForWriting(flags) ? target(args) : undefined
}

/** Files that are opened or read. */
export const fileAccess = hookLogSource({
  name: 'file_access',
  doc: 'a file was opened or read',
  fields: {
    TargetFilename: eventField('path of the file'),
    FileName: eventField('the same, as Sigma names it for this category'),
  },
  hooks: {
    sys_open: opened,
    sys_openat: opened,
    // Policies may leave the flags out.
    security_file_open: (args) => (flagsOfOpen(args) === undefined ? target(args) : opened(args)),
    security_file_permission: (args) => {
      return ((firstNumber(args) ?? 0) & mayRead) !== 0 ? target(args) : undefined
    },
  },
  uses: [
    {
      hook: 'security_file_open',
      fields: {
        TargetFilename: { argument: 0, as: 'text' },
        FileName: { argument: 0, as: 'text' },
      },
    },
  ],
})
