import type { KprobeArgument } from '@tetragon-ts/api'
import { eventField } from './field.ts'
import { fileType } from './file-types.ts'
import { firstNumber, firstPath, labelled, numberOf } from './hook-call.ts'
import { hookLogSource } from './hook-log-source.ts'
import { flagsOfOpen, mayWrite, opensForWriting, truncate, writingFlags } from './open-flags.ts'

const target = (args: readonly KprobeArgument[]) => ({ TargetFilename: firstPath(args) })

const opened = (args: readonly KprobeArgument[]) => {
  const flags = flagsOfOpen(args)
  return flags !== undefined && opensForWriting(flags)
    ? { ...target(args), Truncates: String((flags & truncate) !== 0) }
    : undefined
}

const openedFile = (args: readonly KprobeArgument[]) => {
  const record = opened(args)
  return record && { ...record, FileType: fileType(numberOf(labelled(args, 'mode'))) }
}

const truncated = (args: readonly KprobeArgument[]) => ({ ...target(args), Truncates: 'true' })

const truncatedFile = {
  TargetFilename: { argument: 0, as: 'text' },
  Truncates: { constant: 'true' },
} as const

const truncatingOpen = { argument: 1, operator: 'Mask', values: [String(truncate)] }

/** Files that are created or written. */
export const fileEvent = hookLogSource({
  name: 'file_event',
  doc: 'a file or folder was created, or a file was opened or changed for writing',
  fields: {
    TargetFilename: eventField('path of the file'),
    FileType: eventField('its type, such as file, folder or character device'),
    Truncates: eventField('whether the file is emptied or cut off', 'flag'),
  },
  hooks: {
    sys_open: opened,
    sys_openat: opened,
    sys_creat: truncated,
    security_file_open: openedFile,
    security_file_permission: (args) => {
      return ((firstNumber(args) ?? 0) & mayWrite) !== 0 ? target(args) : undefined
    },
    security_path_truncate: truncated,
    sys_truncate: truncated,
    security_file_truncate: truncated,
    security_path_mknod: target,
    security_path_mkdir: target,
    sys_mkdir: target,
    sys_mkdirat: target,
  },
  uses: [
    {
      hook: 'security_file_open',
      fields: {
        TargetFilename: { argument: 0, as: 'text' },
        FileType: { argument: 2, as: 'fileType' },
        Truncates: { argument: 1, as: 'truncation' },
      },
      always: [{ argument: 1, operator: 'Mask', values: [writingFlags] }],
    },
    {
      hook: 'security_path_truncate',
      fields: truncatedFile,
      instead: [{ hook: 'sys_truncate', fields: truncatedFile }],
    },
    {
      hook: 'security_file_truncate',
      fields: truncatedFile,
      onlyFor: 'Truncates',
      // Equivalents of security_file_open see the flags without O_TRUNC.
      instead: [
        { hook: 'sys_openat', fields: truncatedFile, always: [truncatingOpen] },
        { hook: 'sys_open', fields: truncatedFile, always: [truncatingOpen] },
        { hook: 'sys_creat', fields: truncatedFile },
      ],
    },
  ],
})
